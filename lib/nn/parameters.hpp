// The weights of a network: one flat float32 array, and names for its parts.
#pragma once
#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace diffusion::nn {

class Parameters;

/// Whether training changes a weight.
enum class Training { trained, fixed };

/// One named weight, such as "conv_in.weight" (out x in x 3 x 3): names and
/// shapes are those of the diffusers state dict.
struct Param {
  std::string name;
  std::vector<std::size_t> shape;
  std::size_t offset = 0;  // into Parameters::values()
  std::size_t size = 1;
  Training training = Training::trained;
};

/// All weights of a network, in one array in the order they were added, so that
/// an optimiser, a moving average or a checkpoint is a loop over spans.
/// Layers add their parts while the network is built and keep the reference.
class Parameters {
 public:
  /// Adds zeros, or finds what was added by that name, which must be of that shape; the reference
  /// stays valid. Throws Error where the network would have more weights than `most`.
  const Param& add(std::string name, std::vector<std::size_t> shape,
                   Training training = Training::trained);
  static constexpr std::size_t most = std::size_t(1) << 31;  // 8 GiB of float32

  const std::deque<Param>& all() const { return params_; }
  std::size_t size() const { return size_; }

  /// They take memory when they are first asked for, which several threads may not do at once:
  /// before, a network can be laid out and compared with a file.
  std::span<float> values();
  std::span<const float> values() const;

  std::span<float> value(const Param& param);
  std::span<const float> value(const Param& param) const;

  /// Changes whenever values do: layers re-pack their copies when it differs.
  /// Whoever writes to values() calls touch().
  std::uint64_t version() const { return version_; }
  void touch() { ++version_; }

 private:
  std::deque<Param> params_;
  std::unordered_map<std::string, std::size_t> places_;  // by name
  std::size_t size_ = 0;
  mutable std::vector<float> values_;
  std::uint64_t version_ = 1;
};

}  // namespace diffusion::nn
