// The members of an archive that may be images.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "lib/base/archive_module.hpp"
#include "lib/base/file.hpp"
#include "lib/base/file_kind.hpp"
#include "lib/image/image_set.hpp"
#include "lib/image/members.hpp"

namespace diffusion {

/// A member that is not hidden.
struct ArchivedFile {
  std::string name;          // tidy: "./a//b.png" is "a/b.png"
  const char* refusal = "";  // why it is not read, of a literal
  Content content = Content::other;
  std::uint64_t position = 0, size = 0;  // where its listing finds the contents
};

/// The name of a member, or nothing where it is hidden.
std::optional<std::string> visible_name(const std::string& name);

/// Why a file of this tidy name is not read: "" where it is.
const char* why_refused(const std::string& name);

/// What `member`, which `reader` gave last, is; nothing where it is hidden. Its contents can
/// still be asked for.
std::optional<ArchivedFile> archived_file(const ArchiveMember& member, ArchiveReader& reader,
                                          const ImageSetOptions& options);

/// An image that stands for what can't be read.
ImageEntry unreadable_entry(const std::string& name, const std::string& why);

/// Tells a person what is to be known of the end of an archive, which was reached.
void tell_of_end(ArchiveReader& reader, const std::string& archive, const Telling& telling);

/// Whether what begins with `front` is an archive of pictures: a tar, or a zip but for NumPy's.
bool is_archive_of_pictures(FileKind kind, std::string_view front);
/// Whether a file, of which no piece was asked for yet, is all zeros, as a tar without members
/// is. Reads it.
bool is_empty_tar(InputFile& file);

/// What is said of such an archive.
std::string without_pictures(const std::string& archive);
std::string without_members(const std::string& archive);

}  // namespace diffusion
