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

/// An archive among others of which nothing can be read.
NextEntry only_entry(const std::string& archive, const std::string& why) {
  return [entry = std::optional(unreadable_entry(archive, why))]() mutable {
    return std::exchange(entry, std::nullopt);
  };
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
    if (count_ == 0)
      throw Error(others_.any() ? without_pictures(archive_) : without_members(archive_));
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

/// Makes one set of archives.
class Joiner {
 public:
  Joiner(const ImageSetOptions& options, WithoutImages unreadable)
      : options_(std::make_shared<const ImageSetOptions>(options)), unreadable_(unreadable) {
    set_.count = 0;
    set_.of_arrays = true;
  }

  void add(const std::string& path) {
    auto listing = std::make_shared<ArchiveListing>(list_archive(path, files_, *options_));
    const std::string why = listing->damage.empty() ? listing->refusal : listing->damage;
    if (why_.empty()) why_ = why;
    if (listing->images.empty() && unreadable_ == WithoutImages::refused) throw Error(why);
    if (listing->refusal.empty()) return add(std::move(listing));
    archives_.emplace_back(only_entry(path, why), 0);
    if (set_.count) ++*set_.count;
  }

  ImageSet result() && {
    if (!any_) throw Error(why_);
    Labels labels = find_labels(parts_, *options_);
    set_.label_names = std::move(labels.names);
    set_.why_unlabelled = std::move(labels.why_none);
    // What was lost may have said the labels.
    if (labels.none() && !damage_.empty()) set_.why_unlabelled = damage_;
    set_.next = labelled(std::move(archives_), std::move(labels.of));
    return std::move(set_);
  }

 private:
  void add(std::shared_ptr<ArchiveListing> listing) {
    const std::string path = listing->path;
    const std::size_t images = listing->images.size();
    parts_.push_back(named(*listing));
    if (set_.count) *set_.count += images;
    if (!listing->damage.empty()) {
      set_.count.reset();
      if (damage_.empty()) damage_ = listing->damage;
      if (set_.damaged.empty()) set_.damaged = path;
    }
    if (images > 0) set_.of_arrays &= listing->kind.arrays();
    any_ |= images > 0;
    set_.passing |= !listing->contents;
    if (!listing->contents && set_.read_once.empty()) set_.read_once = path;
    archives_.emplace_back(listing->contents ? entries_in_place(std::move(listing), options_)
                                             : entries_of_pass(path, options_),
                           images);
  }

  SharedOptions options_;
  WithoutImages unreadable_;
  std::shared_ptr<FilesAtHand> files_ = std::make_shared<FilesAtHand>();
  ImageSet set_;
  bool any_ = false;  // of the archives has an image
  std::string why_;   // the first of them that has none, or is damaged
  std::string damage_;
  std::vector<NamedPictures> parts_;
  std::vector<std::pair<NextEntry, std::size_t>> archives_;
};

}  // namespace

bool is_archive_of_pictures(const std::string& path) {
  std::error_code none;
  if (!std::filesystem::is_regular_file(path, none)) return false;
  const InputFile file(path);
  return is_archive_of_pictures(file_kind(file.front()), file.front());
}

bool is_archive_name(const std::string& path) {
  static const std::vector<std::string> endings{".tar",     ".tgz",    ".zip",    ".tbz",
                                                ".tbz2",    ".txz",    ".tzst",   ".tar.gz",
                                                ".tar.bz2", ".tar.xz", ".tar.zst"};
  const std::string last = extension_of(path), stem = path.substr(0, path.size() - last.size());
  const std::string ending = extension_of(stem) == ".tar" ? ".tar" + last : last;
  return std::ranges::find(endings, ending) != endings.end();
}

ImageSet open_archives(const std::vector<std::string>& paths, const ImageSetOptions& options,
                       WithoutImages unreadable) {
  Joiner joiner(options, unreadable);
  for (const std::string& path : paths) joiner.add(path);
  return std::move(joiner).result();
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
  set.read_once = name;
  set.why_unlabelled = "archives read through pipes have no classes, unlike those in files";
  return set;
}

}  // namespace diffusion
