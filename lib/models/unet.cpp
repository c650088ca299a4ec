#include "lib/models/unet.hpp"

#include <algorithm>
#include <array>
#include <cassert>

#include "lib/base/error.hpp"
#include "lib/models/unet_blocks.hpp"
#include "lib/models/unet_config.hpp"
#include "lib/nn/class_embedding.hpp"
#include "lib/nn/elementwise.hpp"
#include "lib/nn/time_embedding.hpp"

namespace diffusion {
namespace {

using nn::Tape;

LevelShape level_shape(const UNetConfig& c, std::int64_t channels) {
  return {.out = channels,
          .heads = c.heads(channels),
          .downsample_padding = c.downsample_padding,
          .time = c.time_embedding_dim,
          .groups = c.norm_num_groups,
          .eps = c.norm_eps,
          .dropout = c.dropout};
}

class UNet final : public Network {
 public:
  explicit UNet(const Json& config);

  nn::Tensor forward(const nn::Tensor& x, std::span<const float> timesteps,
                     std::span<const int> labels, Tape* tape) const override;
  nn::Tensor backward(const nn::Tensor& dy, Tape& tape) const override;
  const Json& config() const override { return config_; }

 private:
  void add_down_levels();
  void add_mid_level();
  void add_up_levels();
  void check_input(const nn::Tensor& x, std::span<const float> timesteps,
                   std::span<const int> labels) const;
  /// After its SiLU: N x 1 x 1 x time_embedding_dim.
  nn::Tensor embed(std::span<const float> timesteps, std::span<const int> labels, Tape* tape) const;
  void embed_backward(const nn::Tensor& dtime, Tape& tape) const;

  Json config_;
  UNetConfig shape_;
  nn::Conv2d conv_in_;
  nn::TimeEmbedding time_embedding_;
  std::optional<nn::ClassEmbedding> class_embedding_;
  std::vector<DownLevel> down_;
  std::optional<MidLevel> mid_;
  std::vector<UpLevel> up_;
  nn::GroupNorm norm_out_;
  nn::Conv2d conv_out_;
};

UNet::UNet(const Json& config)
    : config_(config),
      shape_(parse_unet_config(config)),
      conv_in_(parameters_, "conv_in",
               nn::conv3x3(shape_.in_channels, shape_.block_out_channels[0])),
      time_embedding_(parameters_, "time_embedding", shape_.sinusoids, shape_.time_embedding_dim),
      norm_out_(parameters_, "conv_norm_out",
                {.channels = shape_.block_out_channels[0],
                 .groups = shape_.norm_num_groups,
                 .eps = shape_.norm_eps,
                 .activation = nn::Activation::silu}),
      conv_out_(parameters_, "conv_out",
                nn::conv3x3(shape_.block_out_channels[0], shape_.out_channels)) {
  if (shape_.num_class_embeds)
    class_embedding_.emplace(parameters_, "class_embedding", *shape_.num_class_embeds,
                             shape_.time_embedding_dim);
  add_down_levels();
  if (shape_.mid_block) add_mid_level();
  add_up_levels();
}

void UNet::add_down_levels() {
  const auto& channels = shape_.block_out_channels;
  for (std::size_t i = 0; i < channels.size(); ++i) {
    LevelShape level = level_shape(shape_, channels[i]);
    level.in = channels[i == 0 ? 0 : i - 1];
    level.layers = shape_.layers_per_block;
    level.attention = shape_.down_attention[i];
    level.resample = i + 1 < channels.size();
    down_.emplace_back(parameters_, "down_blocks." + std::to_string(i), level);
  }
}

void UNet::add_mid_level() {
  const std::int64_t channels = shape_.block_out_channels.back();
  const float divisor = shape_.mid_block_scale_factor;
  MidLevel::Shape mid{.residual = {.in = channels,
                                   .out = channels,
                                   .time = shape_.time_embedding_dim,
                                   .groups = shape_.norm_num_groups,
                                   .eps = shape_.norm_eps,
                                   .divisor = divisor,
                                   .dropout = shape_.dropout},
                      .attention = {}};
  if (shape_.mid_attention)
    mid.attention = {.channels = channels,
                     .heads = shape_.heads(channels),
                     .groups = shape_.attn_norm_num_groups,
                     .eps = shape_.norm_eps,
                     .residual_divisor = divisor};
  mid_.emplace(parameters_, "mid_block", mid);
}

void UNet::add_up_levels() {
  const std::vector<std::int64_t> channels(shape_.block_out_channels.rbegin(),
                                           shape_.block_out_channels.rend());
  const std::size_t last = channels.size() - 1;
  for (std::size_t i = 0; i <= last; ++i) {
    LevelShape level = level_shape(shape_, channels[i]);
    level.in = channels[i == 0 ? 0 : i - 1];
    level.below = channels[std::min(i + 1, last)];
    level.layers = shape_.layers_per_block + 1;
    level.attention = shape_.up_attention[i];
    level.resample = i < last;
    up_.emplace_back(parameters_, "up_blocks." + std::to_string(i), level);
  }
}

void UNet::check_input(const nn::Tensor& x, std::span<const float> timesteps,
                       std::span<const int> labels) const {
  const nn::Dims d = x.dims();
  const std::int64_t factor = shape_.size_factor();
  if (d.c != shape_.in_channels)
    throw Error("images have " + std::to_string(d.c) + " channels where the network takes " +
                std::to_string(shape_.in_channels));
  if (d.h % factor != 0 || d.w % factor != 0)
    throw Error("images of " + std::to_string(d.h) + " x " + std::to_string(d.w) +
                ": a network of " + std::to_string(shape_.levels()) +
                " levels takes heights and widths that are multiples of " + std::to_string(factor));
  if (!labels.empty() && !class_embedding_)
    throw Error("labels were given to a network without classes (num_class_embeds)");
  assert(std::int64_t(timesteps.size()) == d.n);
  assert(labels.empty() || std::int64_t(labels.size()) == d.n);
  (void)timesteps;
}

nn::Tensor UNet::embed(std::span<const float> timesteps, std::span<const int> labels,
                       Tape* tape) const {
  const nn::Tensor time = time_embedding_.forward(timesteps, tape);
  if (class_embedding_) class_embedding_->add(time, labels, tape);
  return silu(time, tape);
}

void UNet::embed_backward(const nn::Tensor& dtime, Tape& tape) const {
  const nn::Tensor dsum = silu_backward(dtime, tape);
  if (class_embedding_) class_embedding_->backward(dsum, tape);
  time_embedding_.backward(dsum, tape);
}

nn::Tensor UNet::forward(const nn::Tensor& x, std::span<const float> timesteps,
                         std::span<const int> labels, Tape* tape) const {
  check_input(x, timesteps, labels);
  const nn::Tensor time = embed(timesteps, labels, tape);
  const nn::Tensor centred = shape_.center_input_sample ? affine(x, 2, -1) : x;
  nn::Tensor h = conv_in_.forward(converted(centred, type_), tape);
  Skips skips{h};
  for (const auto& level : down_) h = level.forward(h, time, skips, tape);
  if (mid_) h = mid_->forward(h, time, tape);
  for (const auto& level : up_) h = level.forward(h, time, skips, tape);
  assert(skips.empty());
  return converted(conv_out_.forward(norm_out_.forward(h, tape), tape), nn::DType::float32);
}

nn::Tensor UNet::backward(const nn::Tensor& dy, Tape& tape) const {
  nn::Tensor dtime(nn::Dims{dy.dims().n, 1, 1, shape_.time_embedding_dim});
  std::ranges::fill(dtime.floats(), 0.0f);
  Skips dskips;
  nn::Tensor dh = norm_out_.backward(conv_out_.backward(converted(dy, type_), tape), {}, tape).x;
  for (std::size_t i = up_.size(); i-- > 0;) dh = up_[i].backward(dh, dtime, dskips, tape);
  if (mid_) dh = mid_->backward(dh, dtime, tape);
  for (std::size_t i = down_.size(); i-- > 0;) dh = down_[i].backward(dh, dtime, dskips, tape);
  add_in_place(dskips.front(), dh);
  if (!tape.wants_weights()) {
    const nn::Tensor dx = converted(conv_in_.backward(dskips.front(), tape), nn::DType::float32);
    embed_backward(dtime, tape);
    return shape_.center_input_sample ? scaled(dx, 2) : dx;
  }
  conv_in_.backward_weights(dskips.front(), tape);
  embed_backward(dtime, tape);
  return {};
}

std::unique_ptr<Network> make_unet(const Json& config) { return std::make_unique<UNet>(config); }

NetworkImages unet_images(const Json& config) {
  const UNetConfig c = parse_unet_config(config);
  return {.sides = c.sample_size,
          .channels = std::size_t(c.in_channels),
          .labels = std::size_t(c.num_class_embeds.value_or(0))};
}

/// Class vectors start as torch.nn.Embedding's do.
InitialLaw unet_law(const nn::Param& param, std::size_t inputs) {
  if (param.name == "class_embedding.weight") return {InitialLaw::Kind::normal, 1};
  return pytorch_law(param, inputs);
}

}  // namespace

NetworkInfo unet_network() {
  static constexpr std::string_view image_keys[] = {"sample_size"}, training_keys[] = {"dropout"};
  return {.name = unet_class_name,
          .summary = "U-Net with residual blocks and self-attention",
          .reference = "Ho, Jain and Abbeel 2020, appendix B",
          .part = "unet",
          .defaults = R"({"block_out_channels": [16, 32, 64], "layers_per_block": 1})",
          .keys = unet_keys,
          .images = unet_images,
          .check = check_unet,
          .fit = fit_unet,
          .make = make_unet,
          .image_keys = image_keys,
          .training_keys = training_keys,
          .initial = unet_law,
          .current_name = current_weight_name};
}

std::string current_weight_name(std::string_view name) {
  constexpr std::array<std::array<std::string_view, 2>, 4> renamed{{{".query.", ".to_q."},
                                                                    {".key.", ".to_k."},
                                                                    {".value.", ".to_v."},
                                                                    {".proj_attn.", ".to_out.0."}}};
  std::string current(name);
  if (name.find("attentions.") == name.npos) return current;
  for (const auto& [before, now] : renamed)
    if (const auto at = current.find(before); at != current.npos)
      current.replace(at, before.size(), now);
  return current;
}

}  // namespace diffusion
