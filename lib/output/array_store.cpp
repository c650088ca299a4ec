#include "lib/output/array_store.hpp"

#include <cassert>
#include <string_view>
#include <vector>

#include "lib/base/error.hpp"
#include "lib/base/path.hpp"
#include "lib/image/pixels.hpp"
#include "lib/tensor/formats/npz.hpp"

namespace diffusion {
namespace {

/// What is begun before its images come.
struct ArrayLayout {
  NpyType type;
  std::vector<std::size_t> shape;  // N x H x W x C; N is 0 where it is not known
};

/// The file behind an array.
class ArrayFile {
 public:
  virtual ~ArrayFile() = default;
  virtual void begin(const ArrayLayout& layout) = 0;
  virtual void append(std::string_view bytes) = 0;
  /// `layout` with the number of images that came; their classes, where all had one.
  virtual void finish(const ArrayLayout& layout, const std::vector<std::int64_t>& labels) = 0;
};

class NpyFile : public ArrayFile {
 public:
  explicit NpyFile(const std::string& path) : file_(path) {}

  void begin(const ArrayLayout& layout) override {
    rows_ = layout.shape[0];
    file_.write(npy_header(layout.type, layout.shape));
  }
  void append(std::string_view bytes) override { file_.write(bytes); }
  /// A header is as long for any number of rows: it is padded to a multiple of 64 bytes,
  /// and numbers of 20 digits still fit in 128.
  void finish(const ArrayLayout& layout, const std::vector<std::int64_t>&) override {
    if (rows_ != layout.shape[0]) file_.write_at(0, npy_header(layout.type, layout.shape));
    file_.commit();
  }

 private:
  AtomicFile file_;
  std::size_t rows_ = 0;
};

class NpzArrayFile : public ArrayFile {
 public:
  explicit NpzArrayFile(const std::string& path) : file_(path) {}

  void begin(const ArrayLayout& layout) override {
    file_.begin("arr_0", layout.type, layout.shape);
  }
  void append(std::string_view bytes) override { file_.append(bytes.data(), bytes.size()); }
  void finish(const ArrayLayout&, const std::vector<std::int64_t>& labels) override {
    if (!labels.empty()) {
      file_.begin("arr_1", NpyType::int64, {labels.size()});
      file_.append(labels.data(), labels.size() * sizeof labels[0]);
    }
    file_.commit();
  }

 private:
  NpzWriter file_;
};

std::string eight_bits(const Tensor& values) {
  std::string bytes(values.size(), '\0');
  to_samples({values.data(), values.size()}, reinterpret_cast<std::uint8_t*>(bytes.data()));
  return bytes;
}

std::string_view as_bytes(const Tensor& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)};
}

class ArrayStore : public Store {
 public:
  explicit ArrayStore(const StoreRequest& request) : rows_(request.rows), file_(open(request)) {}

  InOrder take(const Parcel& parcel) override {
    const bool narrow = type_of(*parcel.image) == NpyType::uint8;
    return [this, input = parcel.input, image = parcel.image, label = parcel.label,
            bytes = narrow ? eight_bits(parcel.image->pixels) : std::string()] {
      check_alike(input, *image);
      append(bytes.empty() ? as_bytes(image->pixels) : std::string_view(bytes));
      if (label) labels_.push_back(*label);
    };
  }
  void flush() override {
    file_->append(pending_);
    pending_.clear();
  }
  void commit() override {
    assert(written_ > 0 && written_ == rows_.value_or(written_));
    flush();
    layout_.shape[0] = written_;
    if (labels_.size() != written_) labels_.clear();
    file_->finish(layout_, labels_);
  }

 private:
  static constexpr std::size_t bytes_at_a_time = 1 << 20;  // small images are written together

  static std::unique_ptr<ArrayFile> open(const StoreRequest& request) {
    const std::string& path = request.to.path;
    const bool archive = extension_of(path) == ".npz";
    if ((archive || path == "-") && !request.rows)
      throw Error((path == "-" ? "standard output" : path) +
                  ": an array begins with its size, which a stream of images has at its end; " +
                  "write to FILE.npy, or a tar");
    if (archive) return std::make_unique<NpzArrayFile>(path);
    return std::make_unique<NpyFile>(path);
  }

  static NpyType type_of(const Image& image) {
    assert(image.depth != Depth::uint16);
    return image.depth == Depth::uint8 ? NpyType::uint8 : NpyType::float32;
  }

  /// Begins the array with its first image.
  void check_alike(const std::string& input, const Image& image) {
    const Shape& shape = image.pixels.shape();
    if (written_++ == 0) {
      shape_ = shape;
      layout_ = {type_of(image), {rows_.value_or(0), shape[0], shape[1], shape[2]}};
      file_->begin(layout_);
    }
    assert(type_of(image) == layout_.type);
    if (shape != shape_)
      throw Error(input + ": " + describe(shape) + " where the first image is " + describe(shape_) +
                  "; an array needs all alike: `size`, `crop`, `gray` or `rgb`");
  }

  void append(std::string_view bytes) {
    pending_ += bytes;
    if (pending_.size() >= bytes_at_a_time) flush();
  }

  std::optional<std::size_t> rows_;
  std::unique_ptr<ArrayFile> file_;
  ArrayLayout layout_ = {};
  Shape shape_ = {};
  std::string pending_ = {};
  std::vector<std::int64_t> labels_ = {};
  std::size_t written_ = 0;
};

}  // namespace

std::unique_ptr<Store> make_array_store(const StoreRequest& request) {
  return std::make_unique<ArrayStore>(request);
}

}  // namespace diffusion
