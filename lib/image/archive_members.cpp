#include "lib/image/archive_members.hpp"

#include <filesystem>
#include <limits>

#include "lib/base/error.hpp"
#include "lib/base/fnv1a.hpp"
#include "lib/base/path.hpp"
#include "lib/image/format.hpp"
#include "lib/image/image_file.hpp"
#include "lib/tensor/formats/npz.hpp"

namespace diffusion {
namespace fs = std::filesystem;

std::optional<std::string> visible_name(const std::string& name) {
  std::string tidy = fs::path(name).lexically_normal().string();
  for (const auto& part : fs::path(tidy))
    if (part.string().starts_with('.') && part != "..") return std::nullopt;
  return tidy;
}

const char* why_refused(const std::string& name) {
  return fs::path(name).is_absolute() || name.starts_with("../") ? "leads out of the archive" : "";
}

std::optional<ArchivedFile> archived_file(const ArchiveMember& member, ArchiveReader& reader,
                                          const ImageSetOptions& options) {
  auto name = visible_name(member.name);
  if (!name) return std::nullopt;
  ArchivedFile file{.name = *std::move(name)};
  file.refusal = member.kind == MemberKind::link ? "is a link, and links are not followed"
                                                 : why_refused(file.name);
  std::string_view front;
  const bool readable = *file.refusal == '\0';
  if (readable && !is_image_name(file.name))
    front =
        reader.front(member.size ? enough_to_recognise : std::numeric_limits<std::size_t>::max());
  file.size = member.size.value_or(front.size());
  file.content = content_of(file.name, front, file.size, options);
  return file;
}

ImageEntry unreadable_entry(const std::string& name, const std::string& why) {
  return {name, fnv1a(name), std::nullopt, [why]() -> Image { throw Error(why); }};
}

void tell_of_end(ArchiveReader& reader, const std::string& archive, const Telling& telling) {
  if (const std::string remark = reader.remark(); !remark.empty())
    telling.say(archive + ": " + remark);
}

bool is_archive_of_pictures(FileKind kind, std::string_view front) {
  constexpr std::string_view zip_of_no_members = "PK\x05\x06";
  return is_archive(kind) ||
         (kind == FileKind::zip && (!is_npz(front) || front.starts_with(zip_of_no_members)));
}

bool is_empty_tar(InputFile& file) {
  constexpr std::size_t block = 512, least = 2 * block, most = 1 << 20;  // of those that end a tar
  std::size_t size = 0;
  for (std::string_view piece = file.next(); !piece.empty(); piece = file.next()) {
    size += piece.size();
    if (size > most || piece.find_first_not_of('\0') != piece.npos) return false;
  }
  return size >= least && size % block == 0;
}

std::string without_pictures(const std::string& archive) {
  return archive + ": an archive without pictures (" + readable_formats() + ")";
}

std::string without_members(const std::string& archive) {
  return archive + ": an archive without members, and so without pictures";
}

}  // namespace diffusion
