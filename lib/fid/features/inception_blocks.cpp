#include "lib/fid/features/inception_blocks.hpp"

#include <algorithm>
#include <cassert>

#include "lib/fid/features/inception_units.hpp"
#include "lib/nn/pool.hpp"

namespace diffusion::inception {
namespace {

template <class Function>
Images each(const Images& x, Function&& function) {
  Images y;
  for (const nn::Tensor& image : x) y.push_back(function(image));
  return y;
}

/// Branches side by side in the channels of one tensor.
class Joined {
 public:
  explicit Joined(std::int64_t channels) : channels_(channels) {}

  void add(const Images& branch) {
    if (y_.empty())
      y_ = each(branch, [&](const nn::Tensor& image) {
        const nn::Dims& dims = image.dims();
        return nn::Tensor({1, dims.h, dims.w, channels_}, image.dtype());
      });
    fill(branch[0].dims().c,
         [&](std::size_t i, const nn::Slot& slot) { nn::copy_channels(branch[i], slot); });
  }
  /// Has write(i, slot) fill the next channels of each image; not the first ones.
  template <class Write>
  void fill(std::int64_t channels, Write&& write) {
    for (std::size_t i = 0; i < y_.size(); ++i) write(i, nn::Slot{y_[i], next_});
    next_ += channels;
  }
  Images take() && {
    assert(next_ == channels_);
    return std::move(y_);
  }

 private:
  std::int64_t channels_, next_ = 0;
  Images y_;
};

/// What ends a block: convolutions of the means of x. A mean and a 1 x 1 convolution commute:
/// pooling comes last, where there are fewer channels.
void add_means(const Units& unit, const Images& x, Joined& y) {
  const std::size_t number = unit.number_of("branch_pool");
  const std::vector<float>& bias = unit.parts().late_biases[number];
  const auto& convolution = unit.parts().convolutions[number];
  y.fill(std::int64_t(bias.size()), [&](std::size_t i, const nn::Slot& slot) {
    nn::average_pool_around(convolution.forward(x[i]), bias, slot);
  });
}

/// What goes by the convolutions to the end of a block that halves.
void add_halved(const Images& x, Joined& y) {
  y.fill(x[0].dims().c,
         [&](std::size_t i, const nn::Slot& slot) { nn::max_pool_halving(x[i], slot); });
}

}  // namespace

std::size_t Units::number_of(const char* name) const {
  const auto units = inception_units();
  const auto unit = std::ranges::find(units, prefix_ + name, &InceptionUnit::name);
  assert(unit != units.end());
  return std::size_t(unit - units.begin());
}

Images Units::operator()(const char* name, const Images& x) const {
  const auto& convolution = parts_.convolutions[number_of(name)];
  return each(x, [&](const nn::Tensor& image) { return convolution.forward(image); });
}

Images block_a(const Units& unit, const Images& x, std::int64_t channels) {
  Joined y(channels);
  y.add(unit("branch1x1", x));
  y.add(unit("branch5x5_2", unit("branch5x5_1", x)));
  y.add(unit("branch3x3dbl_3", unit("branch3x3dbl_2", unit("branch3x3dbl_1", x))));
  add_means(unit, x, y);
  return std::move(y).take();
}

Images block_b(const Units& unit, const Images& x) {
  Joined y(768);
  y.add(unit("branch3x3", x));
  y.add(unit("branch3x3dbl_3", unit("branch3x3dbl_2", unit("branch3x3dbl_1", x))));
  add_halved(x, y);
  return std::move(y).take();
}

Images block_c(const Units& unit, const Images& x) {
  Joined y(768);
  y.add(unit("branch1x1", x));
  y.add(unit("branch7x7_3", unit("branch7x7_2", unit("branch7x7_1", x))));
  Images branch = x;
  for (const char* name :
       {"branch7x7dbl_1", "branch7x7dbl_2", "branch7x7dbl_3", "branch7x7dbl_4", "branch7x7dbl_5"})
    branch = unit(name, branch);
  y.add(branch);
  add_means(unit, x, y);
  return std::move(y).take();
}

Images block_d(const Units& unit, const Images& x) {
  Joined y(1280);
  y.add(unit("branch3x3_2", unit("branch3x3_1", x)));
  Images branch = x;
  for (const char* name : {"branch7x7x3_1", "branch7x7x3_2", "branch7x7x3_3", "branch7x7x3_4"})
    branch = unit(name, branch);
  y.add(branch);
  add_halved(x, y);
  return std::move(y).take();
}

Images block_e(const Units& unit, const Images& x, Pooling pooling) {
  Joined y(inception_features);
  y.add(unit("branch1x1", x));
  const Images single = unit("branch3x3_1", x);
  y.add(unit("branch3x3_2a", single));
  y.add(unit("branch3x3_2b", single));
  const Images twice = unit("branch3x3dbl_2", unit("branch3x3dbl_1", x));
  y.add(unit("branch3x3dbl_3a", twice));
  y.add(unit("branch3x3dbl_3b", twice));
  if (pooling == Pooling::mean)
    add_means(unit, x, y);
  else
    y.add(unit("branch_pool", each(x, nn::max_pool_around)));
  return std::move(y).take();
}

}  // namespace diffusion::inception
