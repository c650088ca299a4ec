#include "lib/image/archive_images.hpp"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "lib/base/archive.hpp"
#include "lib/base/error.hpp"
#include "lib/base/fnv1a.hpp"
#include "lib/base/path.hpp"
#include "lib/image/archive_listing.hpp"
#include "lib/tensor/formats/npz.hpp"

namespace diffusion {
namespace {

using SharedOptions = std::shared_ptr<const ImageSetOptions>;
using NextEntry = std::function<std::optional<ImageEntry>()>;

ImageEntry refused_entry(const std::string& archive, const ArchivedFile& file) {
  return unreadable_entry(file.name, archive + ": " + file.name + " " + file.refusal);
}

/// What a damaged archive has lost.
ImageEntry lost_entry(const std::string& archive, const std::string& why) {
  ImageEntry rest = unreadable_entry(archive, why);
  rest.damage = true;
  return rest;
}

/// One pass over the pictures of an archive that is read from its front to its end.
class Pass {
 public:
  Pass(std::unique_ptr<ArchiveReader> reader, std::string archive, SharedOptions options)
      : reader_(std::move(reader)),
        archive_(std::move(archive)),
        options_(std::move(options)),
        kind_(archive_) {}

  std::optional<ImageEntry> next() {
    while (reader_) {
      std::optional<ArchivedFile> file;
      std::string bytes;
      try {
        const auto member = reader_->next();
        if (member) file = archived_file(*member, *reader_, *options_);
        if (!member) tell_of_end(*reader_, archive_, options_->telling);
        if (!member) reader_.reset();
        if (file && file->content != Content::other && *file->refusal == '\0')
          bytes = reader_->contents();
      } catch (const Error& damage) {
        reader_.reset();
        ++count_;
        return lost_entry(archive_, damage.what());
      }
      if (!file) continue;
      kind_.see(file->name, file->content);
      if (kind_.takes(file->content)) return entry(*file, std::move(bytes));
      others_.add(file->name);
    }
    if (count_ == 0) refuse_empty_archive(archive_);
    if (!std::exchange(told_, true)) others_.tell(archive_, options_->telling);
    return std::nullopt;
  }

 private:
  ImageEntry entry(const ArchivedFile& file, std::string bytes) {
    ++count_;
    if (*file.refusal != '\0') return refused_entry(archive_, file);
    const std::string culprit = archive_ + ": " + file.name;
    ImageEntry entry{file.name, fnv1a(file.name), std::nullopt,
                     [bytes = std::make_shared<const std::string>(std::move(bytes)), culprit,
                      options = options_] { return decode_member(*bytes, culprit, *options); }};
    entry.culprit = culprit;
    return entry;
  }

  std::unique_ptr<ArchiveReader> reader_;
  std::string archive_;
  SharedOptions options_;
  KindOfSet kind_;
  PassedOver others_;
  bool told_ = false;
  std::size_t count_ = 0;
};

/// The images of an archive whose contents can be found again.
NextEntry entries_in_place(std::shared_ptr<const ArchiveListing> listing, SharedOptions options) {
  return [listing = std::move(listing), options = std::move(options),
          at = std::size_t(0)]() mutable -> std::optional<ImageEntry> {
    const std::size_t i = at++;
    if (i == listing->images.size() && !listing->damage.empty())
      return lost_entry(listing->path, listing->damage);
    if (i >= listing->images.size()) return std::nullopt;
    const ArchivedFile& file = listing->images[i];
    if (*file.refusal != '\0') return refused_entry(listing->path, file);
    const std::string culprit = listing->path + ": " + file.name;
    ImageEntry entry{file.name, fnv1a(file.name), std::nullopt, [listing, options, culprit, i] {
                       return decode_member(listing->contents(listing->images[i]), culprit,
                                            *options);
                     }};
    entry.culprit = culprit;
    return entry;
  };
}

/// A second pass over an archive, which begins when it is asked for: only one is open at a time.
NextEntry entries_of_pass(const std::string& path, const SharedOptions& options) {
  // The listing has told already what is passed over.
  auto quiet = std::make_shared<ImageSetOptions>(*options);
  quiet->telling = {};
  return [path, quiet, pass = std::shared_ptr<Pass>()]() mutable {
    if (!pass) pass = std::make_shared<Pass>(read_archive(path), path, quiet);
    return pass->next();
  };
}

/// The images of one archive after the other, with their labels.
NextEntry labelled(std::vector<std::pair<NextEntry, std::size_t>> archives,
                   std::vector<std::optional<int>> labels) {
  return [archives = std::move(archives), labels = std::move(labels), archive = std::size_t(0),
          begun = std::size_t(0), given = std::size_t(0)]() mutable -> std::optional<ImageEntry> {
    for (; archive < archives.size(); ++archive) {
      auto& [next, count] = archives[archive];
      if (auto entry = next()) {
        if (given < count) entry->label = labels[begun + given];
        ++given;
        return entry;
      }
      next = nullptr;  // its memory is no longer needed
      begun += count;
      given = 0;
    }
    return std::nullopt;
  };
}

NamedPictures named(ArchiveListing& listing) {
  NamedPictures pictures{.names = {}, .files = std::exchange(listing.labels, {})};
  for (const ArchivedFile& file : listing.images) pictures.names.push_back(file.name);
  return pictures;
}

}  // namespace

bool is_archive_of_pictures(FileKind kind, std::string_view front) {
  return is_archive(kind) || (kind == FileKind::zip && !is_npz(front));
}

bool is_archive_of_pictures(const std::string& path) {
  std::error_code none;
  if (!std::filesystem::is_regular_file(path, none)) return false;
  const InputFile file(path);
  return is_archive_of_pictures(file_kind(file.front()), file.front());
}

ImageSet open_archives(const std::vector<std::string>& paths, const ImageSetOptions& options) {
  const auto files = std::make_shared<FilesAtHand>();
  const auto shared = std::make_shared<const ImageSetOptions>(options);
  ImageSet set;
  set.count = 0;
  set.of_arrays = true;
  std::vector<NamedPictures> parts;
  std::vector<std::pair<NextEntry, std::size_t>> archives;
  for (const std::string& path : paths) {
    auto listing = std::make_shared<ArchiveListing>(list_archive(path, files, options));
    parts.push_back(named(*listing));
    const std::size_t images = listing->images.size();
    if (!listing->damage.empty()) set.count.reset();
    if (set.count) *set.count += images;
    set.of_arrays &= listing->kind.arrays();
    set.passing |= !listing->contents;
    archives.emplace_back(listing->contents ? entries_in_place(std::move(listing), shared)
                                            : entries_of_pass(path, shared),
                          images);
  }
  Labels labels = find_labels(parts, options);
  set.label_names = std::move(labels.names);
  set.why_unlabelled = std::move(labels.why_none);
  set.next = labelled(std::move(archives), std::move(labels.of));
  return set;
}

ImageSet open_archive_stream(std::shared_ptr<InputFile> stream, const ImageSetOptions& options) {
  const std::string name = stream->name();
  if (options.labels)
    throw Error(name + ": `labels` needs an archive in a file, which can be read twice");
  auto reader = read_archive([stream = std::move(stream)] { return stream->next(); }, name);
  const auto pass = std::make_shared<Pass>(std::move(reader), name,
                                           std::make_shared<const ImageSetOptions>(options));
  ImageSet set;
  set.next = [pass] { return pass->next(); };
  set.passing = true;
  return set;
}

}  // namespace diffusion
