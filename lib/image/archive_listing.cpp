#include "lib/image/archive_listing.hpp"

#include <algorithm>

#include "lib/base/archive.hpp"
#include "lib/base/error.hpp"
#include "lib/base/file.hpp"
#include "lib/base/file_kind.hpp"
#include "lib/base/path.hpp"
#include "lib/image/image_file.hpp"
#include "lib/tensor/formats/zip.hpp"

namespace diffusion {
namespace {

using Files = std::shared_ptr<FilesAtHand>;

std::string culprit_of(const ArchiveListing& listing, const std::string& name) {
  return listing.path + ": " + name;
}

/// Keeps what belongs to the set, and tells of the rest.
void settle(ArchiveListing& listing, std::vector<ArchivedFile> all,
            const ImageSetOptions& options) {
  for (const ArchivedFile& each : all) listing.kind.see(each.name, each.content);
  const bool empty = all.empty();
  PassedOver others;
  for (ArchivedFile& each : all) {
    if (listing.kind.settled() && listing.kind.takes(each.content))
      listing.images.push_back(std::move(each));
    else
      others.add(std::move(each.name));
  }
  if (!listing.damage.empty()) return;
  if (listing.images.empty())
    listing.refusal = empty ? without_members(listing.path) : without_pictures(listing.path);
  else
    others.tell(listing.path, options.telling);
}

/// Where the contents of a member lie in a tar that is not packed. Throws Error for a member that
/// ends behind the archive's end.
std::optional<std::uint64_t> place_of(const RandomAccessFile& tar, const ArchiveMember& member) {
  if (member.sparse || !member.size) return std::nullopt;
  const auto at = contents_position(tar, member.position);
  if (at && (*at > tar.size() || *member.size > tar.size() - *at))
    throw Error(tar.name() + ": not an archive that can be read to its end (truncated)");
  return at;
}

std::string read_piece(const RandomAccessFile& file, const ArchivedFile& member) {
  if (member.position > file.size() || member.size > file.size() - member.position)
    throw Error(file.name() + ": became shorter while it was read");
  std::string bytes(std::size_t(member.size), '\0');
  file.read(member.position, bytes.data(), bytes.size());
  return bytes;
}

/// A tar, or what libarchive makes of a file that is packed, or of a zip.
ArchiveListing list_stream(const std::string& path, bool is_plain, const Files& files,
                           const ImageSetOptions& options) {
  ArchiveListing listing{.path = path};
  std::vector<ArchivedFile> all;
  const RandomAccessFile tar(path);
  bool in_place = is_plain;
  const auto reader = read_archive(path);
  try {
    while (const auto member = reader->next()) {
      auto file = archived_file(*member, *reader, options);
      if (!file) continue;
      const bool regular = member->kind == MemberKind::file;
      if (regular && LabelFiles::may_be(file->name, member->size.value_or(0), options) &&
          listing.labels.take(file->name, reader->contents(), culprit_of(listing, file->name)))
        continue;
      if (in_place && regular && file->content != Content::other) {
        const auto at = place_of(tar, *member);
        in_place = at.has_value();
        file->position = at.value_or(0);
      }
      all.push_back(*std::move(file));
    }
    tell_of_end(*reader, path, options.telling);
  } catch (const Error& damage) {
    listing.damage = damage.what();
  }
  settle(listing, std::move(all), options);
  if (in_place)
    listing.contents = [files, path](const ArchivedFile& file) {
      return read_piece(*files->open(path), file);
    };
  return listing;
}

/// The members of a zip archive in the order in which they lie in it.
std::vector<std::pair<std::string, ZipMember>> members_in_order(const ZipFile& zip) {
  std::vector<std::pair<std::string, ZipMember>> all(zip.members().begin(), zip.members().end());
  std::ranges::stable_sort(all, {}, [](const auto& each) { return each.second.offset; });
  return all;
}

Content content_in(const ZipFile& zip, const std::string& name, const ZipMember& member,
                   const ImageSetOptions& options) {
  try {
    const std::string front =
        is_image_name(name) ? "" : zip.front(member, enough_to_recognise, name);
    return content_of(name, front, member.size, options);
  } catch (const Error&) {
    return content_of(name, "", member.size, options);
  }
}

/// A zip archive by its directory.
ArchiveListing list_zip(const ZipFile& zip, const Files& files, const ImageSetOptions& options) {
  const std::string& path = zip.file().name();
  ArchiveListing listing{.path = path};
  const auto members = std::make_shared<std::vector<ZipMember>>();
  std::vector<ArchivedFile> all;
  for (const auto& [raw, member] : members_in_order(zip)) {
    auto name = raw.ends_with('/') ? std::nullopt : visible_name(raw);
    if (!name) continue;
    const std::string culprit = culprit_of(listing, *name);
    if (LabelFiles::may_be(*name, member.size, options) &&
        listing.labels.take(*name, zip.contents(member, culprit), culprit))
      continue;
    ArchivedFile file{.name = *std::move(name), .position = members->size(), .size = member.size};
    file.refusal = why_refused(file.name);
    file.content = content_in(zip, file.name, member, options);
    all.push_back(std::move(file));
    members->push_back(member);
  }
  settle(listing, std::move(all), options);
  listing.contents = [files, path, members](const ArchivedFile& file) {
    return ZipFile::contents_in(*files->open(path), (*members)[std::size_t(file.position)],
                                path + ": " + file.name);
  };
  return listing;
}

/// Nothing where the directory is of no use: of an archive that was cut off, or is packed by
/// methods that libarchive alone knows.
std::optional<ZipFile> open_zip(const std::string& path) {
  try {
    ZipFile zip(RandomAccessFile(path), "zip archive");
    const bool known = std::ranges::all_of(zip.members(), [](const auto& each) {
      return each.second.is_stored() || each.second.is_deflated();
    });
    return known ? std::optional(std::move(zip)) : std::nullopt;
  } catch (const Error&) {
    return std::nullopt;
  }
}

/// Why a file is not an archive of pictures, so far as its first bytes tell; "" where it may be.
std::string why_not_archive(const std::string& path) {
  if (is_stream(path)) return path + ": is a pipe or a device, not a file";
  try {
    InputFile file(path);
    const FileKind kind = file_kind(file.front());
    if (is_archive_of_pictures(kind, file.front())) return "";
    if (kind == FileKind::empty) return path + ": the file is empty";
    if (is_empty_tar(file)) return without_members(path);
    const std::string what(name_of(kind));
    return path + ": is " + (what.empty() ? "" : what + ", ") + "not a tar or zip archive";
  } catch (const Error& e) {
    return e.what();
  }
}

}  // namespace

ArchiveListing list_archive(const std::string& path, const Files& files,
                            const ImageSetOptions& options) {
  if (const std::string why = why_not_archive(path); !why.empty())
    return {.path = path, .refusal = why};
  const FileKind kind = kind_of_file(RandomAccessFile(path));
  if (kind == FileKind::zip)
    if (const auto zip = open_zip(path)) return list_zip(*zip, files, options);
  return list_stream(path, kind == FileKind::tar, files, options);
}

}  // namespace diffusion
