#include "lib/models/network.hpp"

#include <array>

#include "lib/base/error.hpp"
#include "lib/base/instruction_set.hpp"
#include "lib/models/unet.hpp"
#include "lib/nn/onednn/convolution.hpp"

namespace diffusion {

void Network::compute_in(nn::DType type) {
  if (!nn::onednn::has_products_of(type))
    throw Error("precision bf16: " + no_avx512() + ", which bf16 takes; use float32");
  type_ = type;
}

std::span<const NetworkInfo> networks() {
  static constexpr std::array rows{
      NetworkInfo{"UNet2DModel", "U-Net with residual blocks and self-attention",
                  "Ho, Jain and Abbeel 2020, appendix B", make_unet},
  };
  return rows;
}

std::unique_ptr<Network> make_network(const Json& config, std::uint64_t seed) {
  std::string name = "UNet2DModel";
  if (config.contains("_class_name")) {
    if (!config["_class_name"].is_string())
      throw Error("model config: _class_name must be a string");
    name = config["_class_name"];
  }
  std::string known;
  for (const auto& row : networks()) {
    if (row.name == name) return row.make(config, seed);
    known += (known.empty() ? "" : ", ") + std::string(row.name);
  }
  throw Error("model config: no network '" + name + "' (has: " + known + ")");
}

}  // namespace diffusion
