#include "lib/output/sample_files.hpp"

#include <algorithm>
#include <cassert>

#include "lib/base/error.hpp"
#include "lib/base/parallel.hpp"
#include "lib/output/csv_store.hpp"

namespace diffusion {
namespace {

void check(const SampleOutput& output) {
  const Destination& to = output.to;
  need_known_ending(to);
  need_room(to, output.count);
  if (to.kind == StoreKind::csv) need_point_shape(output.shape, "a sample", to.path);
  const bool pictures =
      to.kind == StoreKind::picture || (to.has_names() && output.depth != Depth::float32);
  if (pictures) need_picture_shape(output.shape, to.path);
}

/// Sample n of a batch.
Image sample_of(const Tensor& samples, std::size_t n, const Shape& shape) {
  Image image{Tensor(shape), Depth::uint8};
  std::copy_n(samples.data() + n * image.pixels.size(), image.pixels.size(), image.pixels.data());
  return image;
}

}  // namespace

std::string sample_name(std::uint64_t number, Depth depth) {
  constexpr std::size_t usual_digits = 6;
  const std::string digits = std::to_string(number);
  return std::string(usual_digits - std::min(usual_digits, digits.size()), '0') + digits +
         (depth == Depth::float32 ? ".npy" : ".png");
}

bool has_picture_shape(const Shape& shape) {
  const std::size_t channels = shape[2];
  return channels == 1 || channels == 3 || channels == 4;
}

void need_picture_shape(const Shape& shape, const std::string& path) {
  if (has_picture_shape(shape)) return;
  throw Error(path + ": samples of " + describe(shape) +
              " are not pictures (1, 3 or 4 channels); write .npy or .npz");
}

SampleFiles::SampleFiles(const SampleOutput& output) : output_(output) {
  check(output);
  store_ = make_store({.to = output.to, .rows = output.count});
  assert(store_);
}

void SampleFiles::take(std::size_t offset, const Tensor& samples) {
  std::vector<InOrder> rest(samples.shape(0));
  const auto store_one = [&](std::size_t n) {
    rest[n] = take_one(offset + n, sample_of(samples, n, output_.shape));
  };
  // Copying into an array takes less than waking threads for it.
  if (output_.to.has_names())
    parallel_for(rest.size(), store_one);
  else
    for (std::size_t n = 0; n < rest.size(); ++n) store_one(n);
  for (const InOrder& step : rest)
    if (step) step();
  store_->flush();
}

InOrder SampleFiles::take_one(std::size_t offset, Image sample) const {
  const std::string name = sample_name(output_.first + offset, output_.depth);
  const std::string file = output_.to.file(name);
  sample.depth = output_.depth;
  // One picture holds floats where its format has them, else 8 bits.
  if (output_.to.kind == StoreKind::picture && output_.depth == Depth::float32)
    sample.depth = depth_written(file, output_.depth);
  Parcel parcel{name, name, std::make_shared<const Image>(std::move(sample))};
  if (!output_.turns.empty()) parcel.label = output_.turns[offset % output_.turns.size()].label;
  return store_->take(parcel);
}

}  // namespace diffusion
