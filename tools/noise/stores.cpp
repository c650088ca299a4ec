#include "tools/noise/stores.hpp"

#include <atomic>
#include <filesystem>
#include <mutex>
#include <set>

#include "lib/base/archive.hpp"
#include "lib/base/error.hpp"
#include "lib/base/file_batch.hpp"
#include "lib/image/image_file.hpp"
#include "lib/tensor/formats/npy.hpp"
#include "tools/cli/tool.hpp"

namespace diffusion {
namespace fs = std::filesystem;
namespace {

/// A picture, or an array of its values, as the ending of `path` says.
std::string encode(const std::string& path, const Image& image) {
  constexpr ImageWriteOptions quick{.png = PngEffort::quick};  // noise does not compress
  return cli::extension(path) == ".npy" ? npy_bytes(image.pixels)
                                        : encode_image(path, image, quick);
}

/// Files below a folder, or the one file.
class FileStore : public Store {
 public:
  explicit FileStore(Destination to) : to_(std::move(to)) {
    if (to_.kind == StoreKind::folder) make_folder(to_.path);
  }

  bool has(const std::string& name) const override {
    std::error_code none;
    return fs::exists(to_.file(name), none);
  }
  InOrder take(const Parcel& parcel) override {
    const std::string path = to_.file(parcel.name);
    const std::string bytes = encode(path, *parcel.image);
    if (to_.kind == StoreKind::folder) make_once(fs::path(path).parent_path().string());
    files_.add(path, bytes);
    return [this] {
      if (++added_ % files_at_a_time == 0) files_.flush();
    };
  }
  void commit() override { files_.finish(); }

 private:
  void make_once(const std::string& folder) {
    const std::lock_guard lock(mutex_);
    if (made_.insert(folder).second) make_folder(folder);
  }

  static constexpr std::size_t files_at_a_time = 64;  // wait for the disk together

  Destination to_;
  FileBatch files_ = {};
  std::size_t added_ = 0;
  std::mutex mutex_ = {};
  std::set<std::string> made_ = {};
};

class TarStore : public Store {
 public:
  explicit TarStore(const std::string& path) : tar_(path) {}

  InOrder take(const Parcel& parcel) override {
    return [this, name = parcel.name, bytes = encode(parcel.name, *parcel.image)] {
      tar_.add(name, bytes);
    };
  }
  void commit() override { tar_.commit(); }

 private:
  TarWriter tar_;
};

/// One array of images that are all of one shape.
class ArrayStore : public Store {
 public:
  ArrayStore(const std::string& path, std::optional<std::size_t> rows) : file_(path), rows_(rows) {
    if (path == "-" && !rows)
      throw Error("standard output: an array begins with its size, which a stream of images " +
                  std::string("has at its end; write to FILE.npy, or a tar"));
  }

  InOrder take(const Parcel& parcel) override {
    return [this, input = parcel.input, image = parcel.image] { append(input, image->pixels); };
  }
  void commit() override {
    if (!rows_) file_.write_at(0, header(written_));
    file_.commit();
  }

 private:
  /// As long for any number of rows: it is padded to a multiple of 64 bytes, and
  /// numbers of 20 digits still fit in 128.
  std::string header(std::size_t rows) const {
    return npy_header(NpyType::float32, {rows, shape_[0], shape_[1], shape_[2]});
  }
  void append(const std::string& input, const Tensor& pixels) {
    if (written_ == 0) {
      shape_ = pixels.shape();
      file_.write(header(rows_.value_or(0)));
    }
    if (pixels.shape() != shape_)
      throw Error(input + ": " + describe(pixels.shape()) + " where the first image is " +
                  describe(shape_) + "; an array needs all alike: --size, --crop, --gray or --rgb");
    file_.write(pixels.data(), pixels.size() * sizeof(float));
    ++written_;
  }

  AtomicFile file_;
  std::optional<std::size_t> rows_;
  std::size_t written_ = 0;
  Shape shape_ = {};
};

}  // namespace

StoreKind store_kind(const std::string& path, const std::string& format) {
  if (path.empty()) return StoreKind::none;
  if (path == "-") return format == "npy" ? StoreKind::array : StoreKind::tar;
  if (cli::names_folder(path)) return StoreKind::folder;
  const std::string extension = cli::extension(path);
  return extension == ".npy"   ? StoreKind::array
         : extension == ".tar" ? StoreKind::tar
                               : StoreKind::picture;
}

bool Destination::has_names() const { return kind != StoreKind::none && kind != StoreKind::array; }

bool Destination::one_file() const { return kind == StoreKind::array || kind == StoreKind::tar; }

std::string Destination::file(const std::string& name) const {
  if (kind == StoreKind::folder) return path + (path.ends_with('/') ? "" : "/") + name;
  return path;
}

std::unique_ptr<Store> make_store(const Destination& to, std::optional<std::size_t> rows) {
  switch (to.kind) {
    case StoreKind::folder:
    case StoreKind::picture:
      return std::make_unique<FileStore>(to);
    case StoreKind::tar:
      return std::make_unique<TarStore>(to.path);
    case StoreKind::array:
      return std::make_unique<ArrayStore>(to.path, rows);
    case StoreKind::none:
      return nullptr;
  }
  __builtin_unreachable();
}

}  // namespace diffusion
