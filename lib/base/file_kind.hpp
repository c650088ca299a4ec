// What a file is, by its first bytes. Every format that is read here is known to this one
// table; whoever asks "what is this file?" asks it.
#pragma once
#include <string>
#include <string_view>

#include "lib/base/random_access.hpp"

namespace diffusion {

enum class FileKind {
  empty,
  tar,
  packed_tar,    // by gzip; what bzip2, xz and zstd packed is taken for one unopened
  gzip,          // of anything else
  npy,           // NumPy's array
  zip,           // NumPy's .npz, and PyTorch's files
  torch_stream,  // PyTorch's files from before they were zip archives
  safetensors,
  idx,
  png,
  jpeg,
  tiff,
  openexr,
  bmp,
  gif,
  webp,
  pnm,
  hdr,
  jpeg2000,
  jpeg_xl,
  avif,
  heic,
  pcx,
  tga,  // has no signature: known by its name alone
  json_object,
  json_array,
  text,  // without NUL bytes
  unknown,
};

/// What a file is that begins with `front`. 512 bytes tell all kinds; of fewer, as of a file
/// that ends early, the kind is told as far as they go. Short signatures are believed: a text
/// that begins with "BM" is a bmp.
FileKind file_kind(std::string_view front);

FileKind kind_of_file(const RandomAccessFile& file);

/// What people call it: "a PNG picture"; "" where its bytes do not tell.
std::string_view name_of(FileKind kind);

/// Throws Error, "x.png: is a PNG picture, not a model", where the kind has a name. Who
/// reads files of `wanted` calls it for any other kind, and has its own say of the rest.
void refuse_known_kind(FileKind kind, const std::string& culprit, const std::string& wanted);

inline bool is_archive(FileKind kind) {
  return kind == FileKind::tar || kind == FileKind::packed_tar;
}
inline bool is_json(FileKind kind) {
  return kind == FileKind::json_object || kind == FileKind::json_array;
}

}  // namespace diffusion
