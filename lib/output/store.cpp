#include "lib/output/store.hpp"

#include <filesystem>
#include <mutex>
#include <set>

#include "lib/base/archive.hpp"
#include "lib/base/file_batch.hpp"
#include "lib/base/path.hpp"
#include "lib/image/image_file.hpp"
#include "lib/output/array_store.hpp"
#include "lib/output/csv_store.hpp"
#include "lib/tensor/formats/npy.hpp"

namespace diffusion {
namespace {

/// A picture, or an array of its values, as the ending of `path` says.
std::string encode(const std::string& path, const Image& image, PngEffort png) {
  return extension_of(path) == ".npy" ? npy_bytes(image.pixels)
                                      : encode_image(path, image, {.png = png});
}

/// Files below a folder, or the one file.
class FileStore : public Store {
 public:
  explicit FileStore(const StoreRequest& request) : to_(request.to), png_(request.png) {
    if (to_.kind == StoreKind::folder) make_folder(to_.path);
  }

  InOrder take(const Parcel& parcel) override {
    const std::string path = to_.file(parcel.name);
    const std::string bytes = encode(path, *parcel.image, png_);
    if (to_.kind == StoreKind::folder)
      make_once(std::filesystem::path(path).parent_path().string());
    files_.add(path, bytes);
    return [this] {
      if (++added_ % files_at_a_time == 0) files_.flush();
    };
  }
  void flush() override { files_.flush(); }
  void commit() override { files_.finish(); }

 private:
  void make_once(const std::string& folder) {
    const std::lock_guard lock(mutex_);
    if (made_.insert(folder).second) make_folder(folder);
  }

  static constexpr std::size_t files_at_a_time = 64;  // wait for the disk together

  Destination to_;
  PngEffort png_;
  FileBatch files_ = {};
  std::size_t added_ = 0;
  std::mutex mutex_ = {};
  std::set<std::string> made_ = {};
};

class TarStore : public Store {
 public:
  explicit TarStore(const StoreRequest& request) : tar_(request.to.path), png_(request.png) {}

  InOrder take(const Parcel& parcel) override {
    return [this, name = parcel.name, bytes = encode(parcel.name, *parcel.image, png_)] {
      tar_.add(name, bytes);
    };
  }
  void commit() override { tar_.commit(); }

 private:
  TarWriter tar_;
  PngEffort png_;
};

}  // namespace

std::unique_ptr<Store> make_store(const StoreRequest& request) {
  switch (request.to.kind) {
    case StoreKind::folder:
    case StoreKind::picture:
      return std::make_unique<FileStore>(request);
    case StoreKind::tar:
      return std::make_unique<TarStore>(request);
    case StoreKind::array:
      return make_array_store(request);
    case StoreKind::csv:
      return make_csv_store(request);
    case StoreKind::none:
      return nullptr;
  }
  __builtin_unreachable();
}

Depth depth_written(const std::string& path, Depth depth) {
  const std::string extension = extension_of(path);
  if (extension == ".exr" || extension.starts_with(".tif")) return Depth::float32;
  return depth == Depth::uint16 ? Depth::uint16 : Depth::uint8;
}

}  // namespace diffusion
