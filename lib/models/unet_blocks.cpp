#include "lib/models/unet_blocks.hpp"

#include <utility>

#include "lib/nn/elementwise.hpp"

namespace diffusion {

using nn::Tape;

namespace {

std::string numbered(const std::string& name, const char* list, std::int64_t i) {
  return name + "." + list + "." + std::to_string(i);
}

nn::GroupNorm::Shape norm_shape(const ResidualBlock::Shape& s, std::int64_t channels) {
  return {
      .channels = channels, .groups = s.groups, .eps = s.eps, .activation = nn::Activation::silu};
}

nn::Attention::Shape attention_shape(const LevelShape& s) {
  return {.channels = s.out, .heads = s.heads, .groups = s.groups, .eps = s.eps};
}

nn::Tensor take(Skips& skips) {
  nn::Tensor last = std::move(skips.back());
  skips.pop_back();
  return last;
}

/// dy + the last of `dskips`.
nn::Tensor joined(const nn::Tensor& dy, Skips& dskips) {
  nn::Tensor sum = take(dskips);
  add_in_place(sum, dy);
  return sum;
}

}  // namespace

ResidualBlock::ResidualBlock(nn::Parameters& p, const std::string& name, const Shape& s)
    : divisor_(s.divisor),
      norm1_(p, name + ".norm1", norm_shape(s, s.in)),
      conv1_(p, name + ".conv1", nn::conv3x3(s.in, s.out)),
      time_(p, name + ".time_emb_proj", s.time, s.out),
      norm2_(p, name + ".norm2", norm_shape(s, s.out)),
      dropout_(s.dropout, name),
      conv2_(p, name + ".conv2", nn::conv3x3(s.out, s.out)) {
  if (s.in != s.out)
    shortcut_.emplace(p, name + ".conv_shortcut", nn::ConvolutionShape{.in = s.in, .out = s.out});
}

nn::Tensor ResidualBlock::forward(const nn::Tensor& x, const nn::Tensor& time, Tape* tape) const {
  nn::Tensor h = norm1_.forward(x, tape);
  const nn::Tensor straight = shortcut_ ? shortcut_->forward(x, tape) : x;
  h = conv1_.forward(h, tape);
  h = norm2_.forward(h, time_.forward(time, tape), tape);
  dropout_.forward(h, tape);
  nn::Tensor y;
  if (shortcut_) {
    y = straight;
    conv2_.forward_onto(y, h, tape);
  } else {
    y = conv2_.forward(h, tape);
    add_in_place(y, straight);
  }
  return divisor_ == 1 ? y : scaled(y, 1 / divisor_);
}

/// Gives back what is done with as it goes: memory is at its peak on the way back.
nn::Tensor ResidualBlock::backward(nn::Tensor dy, const nn::Tensor& dtime, Tape& tape) const {
  if (divisor_ != 1) dy = scaled(dy, 1 / divisor_);
  nn::Tensor dh = conv2_.backward(dy, tape);
  dropout_.backward(dh, tape);
  auto [h, dshift] = norm2_.backward(std::move(dh), {}, tape);
  add_in_place(dtime, time_.backward(dshift, tape));
  h = conv1_.backward(h, tape);
  if (shortcut_) dy = shortcut_->backward(dy, tape);
  return norm1_.backward(std::move(h), dy, tape).x;
}

DownLevel::DownLevel(nn::Parameters& p, const std::string& name, const LevelShape& s) {
  for (std::int64_t i = 0; i < s.layers; ++i) {
    if (s.attention)
      attentions_.emplace_back(p, numbered(name, "attentions", i), attention_shape(s));
    residuals_.emplace_back(p, numbered(name, "resnets", i),
                            ResidualBlock::Shape{.in = i == 0 ? s.in : s.out,
                                                 .out = s.out,
                                                 .time = s.time,
                                                 .groups = s.groups,
                                                 .eps = s.eps,
                                                 .dropout = s.dropout});
  }
  if (s.resample)
    downsampler_.emplace(p, name + ".downsamplers.0.conv",
                         nn::ConvolutionShape{.in = s.out,
                                              .out = s.out,
                                              .kernel = 3,
                                              .stride = 2,
                                              .pad_before = s.downsample_padding,
                                              .pad_after = 1});
}

nn::Tensor DownLevel::forward(nn::Tensor x, const nn::Tensor& time, Skips& skips,
                              Tape* tape) const {
  for (std::size_t i = 0; i < residuals_.size(); ++i) {
    x = residuals_[i].forward(x, time, tape);
    if (!attentions_.empty()) x = attentions_[i].forward(x, tape);
    skips.push_back(x);
  }
  if (downsampler_) skips.push_back(x = downsampler_->forward(x, tape));
  return x;
}

nn::Tensor DownLevel::backward(nn::Tensor dy, const nn::Tensor& dtime, Skips& dskips,
                               Tape& tape) const {
  if (downsampler_) dy = downsampler_->backward(joined(dy, dskips), tape);
  for (std::size_t i = residuals_.size(); i-- > 0;) {
    dy = joined(dy, dskips);
    if (!attentions_.empty()) dy = attentions_[i].backward(std::move(dy), tape);
    dy = residuals_[i].backward(std::move(dy), dtime, tape);
  }
  return dy;
}

UpLevel::UpLevel(nn::Parameters& p, const std::string& name, const LevelShape& s) {
  for (std::int64_t i = 0; i < s.layers; ++i) {
    own_channels_.push_back(i == 0 ? s.in : s.out);
    const std::int64_t skip = i == s.layers - 1 ? s.below : s.out;
    if (s.attention)
      attentions_.emplace_back(p, numbered(name, "attentions", i), attention_shape(s));
    residuals_.emplace_back(p, numbered(name, "resnets", i),
                            ResidualBlock::Shape{.in = own_channels_.back() + skip,
                                                 .out = s.out,
                                                 .time = s.time,
                                                 .groups = s.groups,
                                                 .eps = s.eps,
                                                 .dropout = s.dropout});
  }
  if (s.resample) upsampler_.emplace(p, name + ".upsamplers.0.conv", nn::conv3x3(s.out, s.out));
}

nn::Tensor UpLevel::forward(nn::Tensor x, const nn::Tensor& time, Skips& skips, Tape* tape) const {
  for (std::size_t i = 0; i < residuals_.size(); ++i) {
    x = residuals_[i].forward(concatenate(x, take(skips)), time, tape);
    if (!attentions_.empty()) x = attentions_[i].forward(x, tape);
  }
  if (upsampler_) x = upsampler_->forward(upsample_nearest(x), tape);
  return x;
}

nn::Tensor UpLevel::backward(nn::Tensor dy, const nn::Tensor& dtime, Skips& dskips,
                             Tape& tape) const {
  if (upsampler_) dy = upsample_nearest_backward(upsampler_->backward(dy, tape));
  for (std::size_t i = residuals_.size(); i-- > 0;) {
    if (!attentions_.empty()) dy = attentions_[i].backward(std::move(dy), tape);
    auto [own, skip] =
        split_channels(residuals_[i].backward(std::move(dy), dtime, tape), own_channels_[i]);
    dskips.push_back(std::move(skip));
    dy = std::move(own);
  }
  return dy;
}

MidLevel::MidLevel(nn::Parameters& p, const std::string& name, const Shape& s)
    : first_(p, name + ".resnets.0", s.residual), second_(p, name + ".resnets.1", s.residual) {
  if (s.attention) attention_.emplace(p, name + ".attentions.0", *s.attention);
}

nn::Tensor MidLevel::forward(const nn::Tensor& x, const nn::Tensor& time, Tape* tape) const {
  nn::Tensor h = first_.forward(x, time, tape);
  if (attention_) h = attention_->forward(h, tape);
  return second_.forward(h, time, tape);
}

nn::Tensor MidLevel::backward(const nn::Tensor& dy, const nn::Tensor& dtime, Tape& tape) const {
  nn::Tensor dh = second_.backward(dy, dtime, tape);
  if (attention_) dh = attention_->backward(std::move(dh), tape);
  return first_.backward(std::move(dh), dtime, tape);
}

}  // namespace diffusion
