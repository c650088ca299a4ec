#include "lib/output/csv_store.hpp"

#include <charconv>

#include "lib/base/error.hpp"
#include "lib/base/file.hpp"

namespace diffusion {
namespace {

std::string line_of(const Tensor& point) {
  std::string line;
  for (const float value : point) {
    char digits[32];
    const auto end = std::to_chars(std::begin(digits), std::end(digits), value).ptr;
    if (!line.empty()) line += ',';
    line.append(digits, end);
  }
  return line + '\n';
}

class CsvStore : public Store {
 public:
  explicit CsvStore(const StoreRequest& request)
      : path_(request.to.path == "-" ? "standard output" : request.to.path),
        file_(request.to.path) {}

  InOrder take(const Parcel& parcel) override {
    const Tensor& point = parcel.image->pixels;
    need_point_shape(point.shape(), parcel.input, path_);
    return [this, input = parcel.input, size = point.size(), line = line_of(point)] {
      if (size_ == 0) size_ = size;
      if (size != size_)
        throw Error(input + ": has " + std::to_string(size) +
                    " numbers where the first point has " + std::to_string(size_));
      pending_ += line;
      if (pending_.size() >= bytes_at_a_time) flush();
    };
  }
  void flush() override {
    file_.write(pending_);
    pending_.clear();
  }
  void commit() override {
    flush();
    file_.commit();
  }

 private:
  static constexpr std::size_t bytes_at_a_time = 1 << 16;

  std::string path_;
  AtomicFile file_;
  std::string pending_ = {};
  std::size_t size_ = 0;  // of a point; 0: none came yet
};

}  // namespace

std::unique_ptr<Store> make_csv_store(const StoreRequest& request) {
  return std::make_unique<CsvStore>(request);
}

void need_point_shape(const Shape& shape, const std::string& culprit, const std::string& path) {
  if (shape[0] == 1 && shape[1] == 1) return;
  throw Error(culprit + ": " + describe(shape) + " is not a point, 1 x 1 x D, of which " +
              (path == "-" ? "standard output" : path) +
              " would have a line of D numbers; write .npy or .npz");
}

}  // namespace diffusion
