#include "lib/image/tar_images.hpp"

#include <filesystem>

#include "lib/base/archive.hpp"
#include "lib/base/error.hpp"
#include "lib/base/fnv1a.hpp"
#include "lib/base/json.hpp"
#include "lib/image/file_images.hpp"
#include "lib/image/format.hpp"
#include "lib/image/image_file.hpp"
#include "lib/image/labels.hpp"

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

bool is_picture(const std::string& name) { return is_image_name(name) && !hidden(name); }

std::string why_refused(const ArchiveMember& member, const std::string& name) {
  if (member.kind == MemberKind::link) return "is a link, and links are not followed";
  if (fs::path(name).is_absolute() || name.starts_with("../")) return "leads out of the archive";
  return "";
}

[[noreturn]] void refuse_empty(const std::string& archive) {
  throw Error(archive + ": an archive without pictures (" + readable_formats() + ")");
}

using Stored = std::shared_ptr<const RandomAccessFile>;

/// An archive whose members lie in it as they are.
Stored stored_archive(const std::string& path, FileKind kind) {
  return kind == FileKind::tar ? std::make_shared<const RandomAccessFile>(path) : nullptr;
}

/// One pass over the pictures of an archive.
class Pictures {
 public:
  /// `file`: where members can be read again; none: nowhere.
  Pictures(std::unique_ptr<ArchiveReader> reader, std::string archive, Labels labels, Stored file)
      : reader_(std::move(reader)),
        archive_(std::move(archive)),
        labels_(std::move(labels)),
        file_(std::move(file)) {}

  std::optional<ImageEntry> next() {
    while (reader_) {
      try {
        const auto member = reader_->next();
        if (!member) {
          reader_.reset();
        } else if (const std::string name = tidy(member->name); is_picture(name)) {
          return entry(*member, name);
        }
      } catch (const Error& damage) {
        reader_.reset();
        ImageEntry rest = bad_entry(archive_, damage.what());
        rest.damage = true;
        return rest;
      }
    }
    if (count_ == 0) refuse_empty(archive_);
    return std::nullopt;
  }

 private:
  ImageEntry entry(const ArchiveMember& member, const std::string& name) {
    const std::string culprit = archive_ + ": " + name;
    if (const std::string why = why_refused(member, name); !why.empty())
      return bad_entry(name, culprit + " " + why);
    auto bytes = std::make_shared<const std::string>(reader_->contents());
    if (const auto at = place(member, *bytes)) return placed(name, *at, bytes->size());
    return {name, fnv1a(name), label(),
            [bytes = std::move(bytes), culprit] { return decode_image(*bytes, culprit); }};
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
    return {name, fnv1a(name), label(), [file = file_, name, at, size] {
              std::string bytes(size, '\0');
              file->read(at, bytes.data(), size);
              return decode_image(bytes, file->name() + ": " + name);
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
  Labels labels_;
  Stored file_;
  std::size_t count_ = 0;
};

ImageSet set_of(std::unique_ptr<ArchiveReader> reader, const std::string& archive, Labels labels,
                Stored file) {
  ImageSet set;
  set.label_names = labels.names;
  set.passing = !file;
  auto pictures =
      std::make_shared<Pictures>(std::move(reader), archive, std::move(labels), std::move(file));
  set.next = [pictures = std::move(pictures)] { return pictures->next(); };
  return set;
}

}  // namespace

ImageSet open_tar(const std::string& path, FileKind kind, const ImageSetOptions& options) {
  std::vector<std::string> names;
  std::optional<Json> dataset;
  const auto reader = reader_of(std::make_shared<InputFile>(path), path);
  const auto list = [&] {
    while (const auto member = reader->next()) {
      const std::string name = tidy(member->name);
      if (is_picture(name)) names.push_back(name);
      if (name == "dataset.json") dataset = parse_json(reader->contents(), path + ": " + name);
    }
  };
  std::optional<std::size_t> count;
  try {
    list();
    count = names.size();
  } catch (const Error&) {
    if (names.empty()) throw;  // else the second pass will say it when it gets there
  }
  if (names.empty()) refuse_empty(path);
  Labels labels = find_labels(names, {path + ": dataset.json", std::move(dataset)}, options);
  ImageSet set = set_of(reader_of(std::make_shared<InputFile>(path), path), path, std::move(labels),
                        stored_archive(path, kind));
  set.count = count;
  return set;
}

ImageSet open_tar_stream(std::shared_ptr<InputFile> stream, const ImageSetOptions& options) {
  const std::string name = "standard input";
  if (options.labels)
    throw Error(name + ": `labels` needs an archive in a file, which can be read twice");
  return set_of(reader_of(std::move(stream), name), name, {}, nullptr);
}

}  // namespace diffusion
