#include "lib/image/archive_members.hpp"

#include <filesystem>
#include <limits>

#include "lib/base/error.hpp"
#include "lib/base/fnv1a.hpp"
#include "lib/base/path.hpp"
#include "lib/image/format.hpp"
#include "lib/image/image_file.hpp"

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

void refuse_empty_archive(const std::string& archive) {
  throw Error(archive + ": an archive without pictures (" + readable_formats() + ")");
}

}  // namespace diffusion
