// The FID Inception's weights in the files that circulate: a state dictionary (.pth,
// zip or older stream; safetensors), or the TorchScript archive of the same network.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "lib/fid/features/inception_units.hpp"
#include "lib/tensor/formats/weight_file.hpp"

namespace diffusion {

/// What the published file is called, how long it is and what it hashes to.
inline constexpr const char* inception_file = "pt_inception-2015-12-05-6726825d.pth";
inline constexpr std::uint64_t inception_bytes = 95'628'359;
inline constexpr const char* inception_sha256 =
    "6726825d0af5f729cebd5821db510b11b1cfad8faad88a03f1befd49fb9129b2";

/// Tensors by what they are to the network. Callable from any thread.
class InceptionWeights {
 public:
  /// Throws Error that names the first tensor that is missing, misshapen or too much,
  /// and says so when the network is another one.
  explicit InceptionWeights(const std::string& path);

  /// A unit as one convolution: BatchNorm's factor in its weights, and a bias.
  struct Folded {
    std::vector<float> weight, bias;
  };
  Folded folded(const InceptionUnit& unit) const;

  /// The classifier: 1008 x 2048, and 1008.
  std::vector<float> classifier_weight() const { return tensors_.at("fc.weight").values(); }
  std::vector<float> classifier_bias() const { return tensors_.at("fc.bias").values(); }

  struct Identity {
    /// 64 hexadecimal digits, of the tensors: equal for every container of the same network.
    /// SHA-256 of lines "NAME HASH" under PyTorch's names, in the order of inception_units();
    /// HASH is that of the values as float32. A factor of BatchNorm that is left out counts as
    /// ones.
    std::string sha256;
    /// Whether the file is the published one, bit for bit.
    bool published;
  };
  Identity identity() const;

 private:
  std::vector<float> values_of(const std::string& name) const;

  std::string path_;
  std::map<std::string, WeightTensor> tensors_;  // under PyTorch's names
};

/// $XDG_DATA_HOME/diffusion-tools/ or ~/.local/share/diffusion-tools/, and the file.
std::string default_inception_path();

}  // namespace diffusion
