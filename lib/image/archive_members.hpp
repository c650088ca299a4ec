// The members of an archive that may be images.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "lib/base/archive_module.hpp"
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

[[noreturn]] void refuse_empty_archive(const std::string& archive);

}  // namespace diffusion
