// The configuration of a U-Net: diffusers' UNet2DModel keys, checked.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lib/base/json.hpp"
#include "lib/models/network.hpp"
#include "lib/nn/layers.hpp"

namespace diffusion {

inline constexpr const char* unet_class_name = "UNet2DModel";

/// Far beyond what anybody runs, and small enough to loop over and multiply.
inline constexpr std::size_t most_levels = 16;
inline constexpr std::int64_t most_layers = 256, most_channels = 1 << 16;

/// Of one level, on one way.
struct UNetLevel {
  /// By a convolution; in a residual block; or in one that blurs too, beside which small images go
  /// by (NCSN++).
  enum class Resampling { convolution, residual, skip };

  bool attends = false;
  Resampling resampling = Resampling::convolution;

  bool skips() const { return resampling == Resampling::skip; }
};

/// How the network is told the time.
enum class TimeEmbedding { positional, fourier, learned };
/// And the label: by a learned vector, or as the time.
enum class LabelEmbedding { vector, as_time };

/// Groups of a norm of these channels that no key says otherwise.
std::int64_t usual_groups(std::int64_t channels);

struct UNetConfig {
  std::optional<ImageSides> sample_size;
  std::int64_t in_channels = 3, out_channels = 3;
  bool center_input_sample = false;  // 2 x - 1 before all else
  std::vector<std::int64_t> block_out_channels;
  std::vector<UNetLevel> down, up;  // in the order of the blocks
  std::int64_t layers_per_block = 2;
  bool mid_block = true, mid_attention = true;
  float mid_block_scale_factor = 1;
  std::int64_t downsample_padding = 1;                 // 0: one row of zeros below and right only
  std::optional<std::int64_t> attention_head_dim = 8;  // nothing: one head
  std::optional<std::int64_t> num_attention_heads;     // in place of it
  std::optional<std::int64_t> norm_num_groups = 32;    // nothing: usual_groups
  std::optional<std::int64_t> mid_attention_groups = 32;  // nothing: no norm before it
  float norm_eps = 1e-5f;
  bool time_scales = false;  // "scale_shift": the time modulates a block's second norm
  double dropout = 0;        // in training, before each residual block's second convolution
  nn::Activation activation = nn::Activation::silu;
  TimeEmbedding time = TimeEmbedding::positional;
  std::int64_t learned_times = 0;
  LabelEmbedding label = LabelEmbedding::vector;
  nn::SinusoidShape sinusoids;
  std::int64_t time_embedding_dim = 0;
  std::optional<std::int64_t> num_class_embeds;

  std::int64_t levels() const { return std::int64_t(block_out_channels.size()); }
  /// Heights and widths of images must be multiples of this.
  std::int64_t size_factor() const { return std::int64_t(1) << (levels() - 1); }
  std::int64_t groups(std::int64_t channels) const {
    return norm_num_groups.value_or(usual_groups(channels));
  }
  std::int64_t heads(std::int64_t channels) const {
    if (num_attention_heads) return *num_attention_heads;
    return attention_head_dim ? channels / *attention_head_dim : 1;
  }
};

/// Missing keys take diffusers' defaults; keys that begin with "_" are ignored.
/// Unknown keys, and values that this network does not have, are an Error that
/// names them.
UNetConfig parse_unet_config(const Json& config);

/// The keys that there are.
std::vector<std::string> unet_keys();

/// Completes the keys that follow from others: sizes and channels from the images, one
/// plain block a level, groups that divide the channels. Throws Error where the images
/// do not fit the network.
Json fit_unet(Json config, const NetworkTask& task);

/// Throws Error for what no images would fit: parse_unet_config with the keys completed that
/// follow from the channels.
void check_unet(const Json& config);

}  // namespace diffusion
