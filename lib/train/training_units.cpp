#include "lib/train/training_units.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "lib/base/error.hpp"
#include "lib/base/text.hpp"

namespace diffusion {
namespace {

/// Mean and spread of each channel, by Welford's running update: a far mean drowns no spread.
class ChannelMoments {
 public:
  explicit ChannelMoments(std::size_t channels) : means_(channels), squares_(channels) {}

  void add(std::span<const float> values) {
    for (std::size_t i = 0; i < values.size(); i += means_.size()) {
      ++count_;
      for (std::size_t c = 0; c < means_.size(); ++c) {
        const double off = double(values[i + c]) - means_[c];
        means_[c] += off / double(count_);
        squares_[c] += off * (double(values[i + c]) - means_[c]);
      }
    }
  }

  const std::vector<double>& means() const { return means_; }
  std::vector<double> deviations() const {
    std::vector<double> all;
    for (const double square : squares_) all.push_back(std::sqrt(square / double(count_)));
    return all;
  }

 private:
  std::vector<double> means_, squares_;
  std::size_t count_ = 0;
};

DataUnits standardised(const TrainingSet& images) {
  ChannelMoments moments(images.channels());
  std::vector<float> values(images.image_size());
  for (std::size_t i = 0; i < images.size(); ++i) {
    images.copy_stored(i, {}, values);
    moments.add(values);
  }
  DataUnits units{.offset = moments.means()};
  for (const double each : moments.deviations())  // within what model files take
    units.scale.push_back(each > 0 ? std::clamp(1 / each, 1e-30, 1e30) : 1);
  return units;
}

/// The numbers of a key, or one for all channels.
std::vector<double> of_each(const std::vector<double>& given, std::size_t channels,
                            const char* key) {
  if (given.size() == 1) return std::vector<double>(channels, given[0]);
  if (given.size() != channels)
    throw Error(std::string(key) + ": has " + count_of(given.size(), "number") +
                " where the data have " + count_of(channels, "channel") + "; give one, or " +
                std::to_string(channels));
  return given;
}

}  // namespace

DataUnits training_units(const TrainConfig::Data& data, const TrainingSet& images) {
  if (!data.offset && !data.scale) return standardised(images);
  const std::size_t channels = images.channels();
  return {.offset = of_each(data.offset.value_or(std::vector{0.0}), channels, "data.offset"),
          .scale = of_each(data.scale.value_or(std::vector{1.0}), channels, "data.scale")};
}

}  // namespace diffusion
