#include "lib/image/tar_images.hpp"

#include <filesystem>
#include <utility>

#include "lib/base/archive.hpp"
#include "lib/base/error.hpp"
#include "lib/base/fnv1a.hpp"
#include "lib/base/json.hpp"
#include "lib/base/path.hpp"
#include "lib/image/file_images.hpp"
#include "lib/image/format.hpp"
#include "lib/image/image_file.hpp"
#include "lib/image/labels.hpp"
#include "lib/image/members.hpp"

namespace diffusion {
namespace fs = std::filesystem;
namespace {

std::unique_ptr<ArchiveReader> reader_of(std::shared_ptr<InputFile> file, const std::string& name) {
  return read_archive([file = std::move(file)] { return file->next(); }, name);
}

/// "./a//b.png" as "a/b.png".
std::string tidy(const std::string& name) { return fs::path(name).lexically_normal().string(); }

bool hidden(const std::string& name) {
  for (const auto& part : fs::path(name))
    if (part.string().starts_with('.') && part != "..") return true;
  return false;
}

std::string why_refused(const ArchiveMember& member, const std::string& name) {
  if (member.kind == MemberKind::link) return "is a link, and links are not followed";
  if (fs::path(name).is_absolute() || name.starts_with("../")) return "leads out of the archive";
  return "";
}

constexpr std::size_t enough_to_recognise = 512;

/// A member that is not hidden.
struct Candidate {
  std::string name;
  std::string refusal = "";  // why it is not read
  Content content = Content::other;
  std::string bytes = "";  // of an array, which had to be looked into
};

/// What `member`, which `reader` gave last, is; nothing where it is hidden.
std::optional<Candidate> candidate(const ArchiveMember& member, ArchiveReader& reader,
                                   const ImageSetOptions& options) {
  Candidate found{.name = tidy(member.name)};
  if (hidden(found.name)) return std::nullopt;
  found.refusal = why_refused(member, found.name);
  std::string_view front;
  if (found.refusal.empty() && extension_of(found.name) == ".npy")
    front = found.bytes = reader.contents();
  else if (found.refusal.empty() && !is_image_name(found.name))
    front = reader.front(enough_to_recognise);
  found.content = content_of(found.name, front, found.bytes.size(), options);
  return found;
}

[[noreturn]] void refuse_empty(const std::string& archive) {
  throw Error(archive + ": an archive without pictures (" + readable_formats() + ")");
}

using Stored = std::shared_ptr<const RandomAccessFile>;

/// An archive whose members lie in it as they are.
Stored stored_archive(const std::string& path, FileKind kind) {
  return kind == FileKind::tar ? std::make_shared<const RandomAccessFile>(path) : nullptr;
}

/// An archive, and what its images are.
struct Source {
  std::string name;
  ImageSetOptions options;
  KindOfSet kind = KindOfSet(name);
  Labels labels = {};
  Stored file = {};   // where members can be read again; none: nowhere
  bool told = false;  // what is passed over
};

/// One pass over the pictures of an archive.
class Pictures {
 public:
  Pictures(std::unique_ptr<ArchiveReader> reader, Source source)
      : reader_(std::move(reader)),
        archive_(std::move(source.name)),
        options_(std::make_shared<const ImageSetOptions>(std::move(source.options))),
        kind_(std::move(source.kind)),
        labels_(std::move(source.labels)),
        file_(std::move(source.file)),
        told_(source.told) {}

  std::optional<ImageEntry> next() {
    while (reader_) {
      std::optional<ArchiveMember> member;
      std::optional<Candidate> found;
      try {
        member = reader_->next();
        if (member) found = candidate(*member, *reader_, *options_);
        if (found && found->content == Content::picture && found->refusal.empty())
          found->bytes = reader_->contents();
      } catch (const Error& damage) {
        reader_.reset();
        ImageEntry rest = bad_entry(archive_, damage.what());
        rest.damage = true;
        return rest;
      }
      if (!member) reader_.reset();
      if (!found) continue;
      kind_.see(found->name, found->content);
      if (kind_.takes(found->content)) return entry(*member, *std::move(found));
      others_.add(found->name);
    }
    if (count_ == 0) refuse_empty(archive_);
    if (!std::exchange(told_, true)) others_.tell(archive_, options_->telling);
    return std::nullopt;
  }

 private:
  ImageEntry entry(const ArchiveMember& member, Candidate found) {
    const std::string name = std::move(found.name), culprit = archive_ + ": " + name;
    if (!found.refusal.empty()) return bad_entry(name, culprit + " " + found.refusal);
    auto bytes = std::make_shared<const std::string>(std::move(found.bytes));
    if (const auto at = place(member, *bytes)) return placed(name, *at, bytes->size());
    return {name, fnv1a(name), label(), [bytes = std::move(bytes), culprit, options = options_] {
              return decode_member(*bytes, culprit, *options);
            }};
  }

  /// Where these contents can be read again.
  std::optional<std::uint64_t> place(const ArchiveMember& member, const std::string& bytes) const {
    if (!file_) return std::nullopt;
    const auto at = contents_position(*file_, member.position);
    if (!at || *at > file_->size() || bytes.size() > file_->size() - *at) return std::nullopt;
    std::string again(bytes.size(), '\0');
    file_->read(*at, again.data(), again.size());
    return again == bytes ? at : std::nullopt;
  }

  ImageEntry placed(const std::string& name, std::uint64_t at, std::size_t size) {
    return {name, fnv1a(name), label(), [file = file_, name, at, size, options = options_] {
              std::string bytes(size, '\0');
              file->read(at, bytes.data(), size);
              return decode_member(std::move(bytes), file->name() + ": " + name, *options);
            }};
  }

  ImageEntry bad_entry(const std::string& name, const std::string& why) {
    return {name, fnv1a(name), label(), [why]() -> Image { throw Error(why); }};
  }

  std::optional<int> label() {
    const std::size_t at = count_++;
    return at < labels_.of.size() ? labels_.of[at] : std::nullopt;
  }

  std::unique_ptr<ArchiveReader> reader_;
  std::string archive_;
  std::shared_ptr<const ImageSetOptions> options_;
  KindOfSet kind_;
  Labels labels_;
  Stored file_;
  PassedOver others_;
  bool told_;
  std::size_t count_ = 0;
};

ImageSet set_of(std::unique_ptr<ArchiveReader> reader, Source source) {
  ImageSet set;
  set.label_names = source.labels.names;
  set.passing = !source.file;
  set.why_unlabelled = source.labels.why_none;
  set.of_arrays = source.kind.arrays();
  auto pictures = std::make_shared<Pictures>(std::move(reader), std::move(source));
  set.next = [pictures = std::move(pictures)] { return pictures->next(); };
  return set;
}

/// What the first pass over an archive tells.
struct Listing {
  KindOfSet kind;
  std::vector<Candidate> candidates = {};
  std::optional<Json> dataset = {};
  bool whole = false;  // to its end, without damage

  std::vector<std::string> names() const {
    std::vector<std::string> taken;
    for (const Candidate& each : candidates)
      if (kind.settled() && kind.takes(each.content)) taken.push_back(each.name);
    return taken;
  }
  void tell_others(const std::string& archive, const Telling& telling) const {
    PassedOver others;
    for (const Candidate& each : candidates)
      if (!kind.takes(each.content)) others.add(each.name);
    others.tell(archive, telling);
  }
};

/// Throws Error where an archive is damaged before its first image; of later damage the
/// second pass tells when it gets there.
Listing list_archive(const std::string& path, const ImageSetOptions& options) {
  const auto reader = reader_of(std::make_shared<InputFile>(path), path);
  Listing listing{KindOfSet(path)};
  try {
    while (const auto member = reader->next()) {
      const std::string name = tidy(member->name);
      if (name == "dataset.json")
        listing.dataset = parse_json(reader->contents(), path + ": " + name);
      else if (auto found = candidate(*member, *reader, options))
        listing.candidates.push_back({.name = found->name, .content = found->content});
    }
    listing.whole = true;
  } catch (const Error&) {
    if (listing.candidates.empty()) throw;
  }
  for (const Candidate& each : listing.candidates) listing.kind.see(each.name, each.content);
  return listing;
}

}  // namespace

ImageSet open_tar(const std::string& path, FileKind kind, const ImageSetOptions& options) {
  Listing listing = list_archive(path, options);
  const std::vector<std::string> names = listing.names();
  if (names.empty()) refuse_empty(path);
  if (listing.whole) listing.tell_others(path, options.telling);
  Labels labels =
      find_labels(names, {path + ": dataset.json", std::move(listing.dataset)}, options);
  ImageSet set = set_of(
      reader_of(std::make_shared<InputFile>(path), path),
      {path, options, listing.kind, std::move(labels), stored_archive(path, kind), listing.whole});
  if (listing.whole) set.count = names.size();
  return set;
}

ImageSet open_tar_stream(std::shared_ptr<InputFile> stream, const ImageSetOptions& options) {
  const std::string name = stream->name();
  if (options.labels)
    throw Error(name + ": `labels` needs an archive in a file, which can be read twice");
  return set_of(reader_of(std::move(stream), name), {.name = name, .options = options});
}

}  // namespace diffusion
