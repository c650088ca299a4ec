// Which picture formats there are, by their first bytes and by file names.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "lib/base/file_kind.hpp"
#include "lib/image/picture_layout.hpp"

namespace diffusion {

struct PictureFormat {
  FileKind kind;
  const char* name;        // OpenImageIO's
  const char* label;       // people's
  const char* extensions;  // ".jpg .jpeg", the usual one first
  /// Who reads it: nullptr where it is OpenImageIO, which has every kind of it right.
  PictureReader reader;
  enum Support { read, written, read_where_installed } support;
  Depth shallowest, deepest;  // sample types it holds
  std::size_t channels = 4;   // at most
  bool apart = false;         // damaged files end OpenImageIO: read by a process of its own

  bool writable() const { return support == written; }
};

/// The format of that kind of file; nullptr if it is not one of pictures.
const PictureFormat* format_of_kind(FileKind kind);

/// The format that a file name's extension says; nullptr if none.
const PictureFormat* format_of_name(const std::string& path);

/// "PNG, JPEG, TIFF, ...": those that can always be read, or only those written too.
std::string readable_formats();
std::string writable_formats();

/// Throws Error for files whose reader would not say that they can't be read: for what is missing
/// of a JPEG it takes grey, and for colours outside a TGA's palette what memory holds.
void check_readable(const PictureFormat& format, std::string_view bytes);

}  // namespace diffusion
