#include "lib/models/unet.hpp"

#include <array>

#include "lib/models/unet_config.hpp"
#include "lib/models/unet_description.hpp"

namespace diffusion {
namespace {

nn::Graph unet_graph(const Json& config) { return unet_description(parse_unet_config(config)); }

NetworkImages unet_images(const Json& config) {
  const UNetConfig c = parse_unet_config(config);
  return {.sides = c.sample_size,
          .channels = std::size_t(c.in_channels),
          .labels = std::size_t(c.num_class_embeds.value_or(0))};
}

std::string beyond_diffusers(const Json& config) {
  return parse_unet_config(config).num_attention_heads ? "num_attention_heads" : "";
}

/// Vectors of classes and times start as torch.nn.Embedding's do; frequencies as in Song et al.,
/// "Score-Based Generative Modeling through Stochastic Differential Equations", 2021.
InitialLaw unet_law(const nn::Param& param, std::size_t inputs) {
  if (param.training == nn::Training::fixed) return {InitialLaw::Kind::normal, 16};
  if (param.name == "class_embedding.weight" || param.name == "time_proj.weight")
    return {InitialLaw::Kind::normal, 1};
  return pytorch_law(param, inputs);
}

}  // namespace

NetworkInfo unet_network() {
  static constexpr std::string_view image_keys[] = {"sample_size"}, training_keys[] = {"dropout"};
  static constexpr NetworkPreset presets[] = {{"unet"}};
  return {.name = unet_class_name,
          .summary = "U-Net with residual blocks and self-attention",
          .reference = "Ho, Jain and Abbeel 2020, appendix B",
          .part = "unet",
          .defaults = R"({"block_out_channels": [16, 32, 64], "layers_per_block": 1})",
          .keys = unet_keys,
          .images = unet_images,
          .check = check_unet,
          .fit = fit_unet,
          .graph = unet_graph,
          .presets = presets,
          .image_keys = image_keys,
          .training_keys = training_keys,
          .initial = unet_law,
          .current_name = current_weight_name,
          .beyond_diffusers = beyond_diffusers};
}

std::string current_weight_name(std::string_view name) {
  constexpr std::array<std::array<std::string_view, 2>, 4> renamed{{{".query.", ".to_q."},
                                                                    {".key.", ".to_k."},
                                                                    {".value.", ".to_v."},
                                                                    {".proj_attn.", ".to_out.0."}}};
  if (name == "time_proj.W") return "time_proj.weight";
  std::string current(name);
  if (name.find("attentions.") == name.npos) return current;
  for (const auto& [before, now] : renamed)
    if (const auto at = current.find(before); at != current.npos)
      current.replace(at, before.size(), now);
  return current;
}

}  // namespace diffusion
