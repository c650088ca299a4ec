#include "lib/nn/processor.hpp"

#include <cassert>
#include <utility>

#include "lib/base/error.hpp"
#include "lib/nn/attention.hpp"
#include "lib/nn/elementwise.hpp"
#include "lib/nn/patches.hpp"
#include "lib/nn/pool.hpp"

namespace diffusion::nn {
namespace {

using Form = Step::Form;

RunLayer made(const Layer& layer, Parameters& parameters) {
  return std::visit(
      Overloaded{
          [&](const layers::ClassVector& l) -> RunLayer {
            return ClassEmbedding(parameters, l.name, l.classes, l.channels);
          },
          [&](const layers::FourierFeatures& l) -> RunLayer {
            return FourierFeatures(parameters, l);
          },
          [&](const layers::Linear& l) -> RunLayer {
            return Linear(parameters, l.name, l.in, l.out);
          },
          [&](const layers::PixelLinear& l) -> RunLayer {
            return PixelLinear(parameters, l.names, {.in = l.in, .out = l.out});
          },
          [&](const layers::Convolution& l) -> RunLayer {
            return Conv2d(parameters, l.name, l.shape);
          },
          [&](const layers::GroupNorm& l) -> RunLayer {
            return GroupNorm(parameters, l.name, {l.channels, l.groups, l.eps, l.activation});
          },
          [&](const layers::LayerNorm& l) -> RunLayer {
            return LayerNorm(parameters, l.name, {l.channels, l.eps, l.centred});
          },
          [&](const layers::Context& l) -> RunLayer { return ContextTokens(parameters, l); },
          [](const layers::Positions& l) -> RunLayer { return PositionSum(l); },
          [&](const layers::QueryKeyNorm& l) -> RunLayer { return QueryKeyNorm(parameters, l); },
          [](const layers::Rotary& l) -> RunLayer { return RotaryTurns(l); },
          [](const layers::Dropout& l) -> RunLayer { return Dropout(l.rate, l.name); },
          [](const auto& l) -> RunLayer { return l; }},
      layer);
}

/// Whether the way back with this tape goes through a step.
bool concerns(const Tape& tape, const Step& step) {
  return tape.wants_weights() ? step.learns : step.sees_images;
}

/// One step forwards, on the values before it.
struct Forward {
  const Step& step;
  const std::vector<Tensor>& values;
  const Processor::Inputs& inputs;
  DType working;
  Tape* tape;     // null where the way back does not come here
  Tape* chances;  // what dropout draws from

  /// Whether what the step would write over is needed as it is.
  bool spares() const {
    return step.form == Form::plain || (step.spares && chances && chances->recomputes);
  }

  const Tensor& in(std::size_t i) const { return values[step.inputs[i]]; }

  Tensor operator()(const layers::Images&) const { return inputs.images; }
  Tensor operator()(const layers::Sinusoids& l) const {
    return sinusoids(inputs.timesteps, l.shape);
  }
  Tensor operator()(const FourierFeatures& l) const { return l.forward(in(0)); }
  Tensor operator()(const layers::LabelSinusoids& l) const {
    return label_sinusoids(std::int64_t(inputs.timesteps.size()), inputs.labels, l);
  }
  Tensor operator()(const ClassEmbedding& l) const {
    const auto images = std::int64_t(inputs.timesteps.size());
    if (step.inputs.empty()) return l.forward(images, inputs.labels, tape);
    return l.forward(images, std::vector<int>(in(0).floats().begin(), in(0).floats().end()), tape);
  }
  Tensor operator()(const Linear& l) const { return l.forward(in(0), tape); }
  Tensor operator()(const PixelLinear& l) const { return l.forward(in(0), tape); }
  Tensor operator()(const Conv2d& l) const {
    if (step.form != Form::onto_first) return l.forward(in(0), tape);
    const Tensor sum = spares() ? copied(in(0)) : in(0);
    l.forward_onto(sum, in(1), tape);
    return sum;
  }
  Tensor operator()(const GroupNorm& l) const {
    const std::size_t count = step.inputs.size();
    if (count > 2) return l.forward(in(0), {{}, {in(1), in(2)}}, tape);
    return l.forward(in(0), {count > 1 ? in(1) : Tensor(), {}}, tape);
  }
  Tensor operator()(const layers::Activate& l) const {
    return activated(in(0), l.activation, tape);
  }
  Tensor operator()(const layers::Attention& l) const { return attend(in(0), l.heads, tape); }
  Tensor operator()(const layers::Sum&) const {
    const std::size_t to = step.form == Form::over_second ? 1 : 0;
    Tensor sum = spares() ? copied(in(to)) : in(to);
    add_in_place(sum, in(1 - to));
    return sum;
  }
  Tensor operator()(const layers::Affine& l) const { return affine(in(0), l.factor, l.offset); }
  Tensor operator()(const layers::Concatenation&) const { return concatenate(in(0), in(1)); }
  Tensor operator()(const layers::NearestUpsampling&) const { return upsample_nearest(in(0)); }
  Tensor operator()(const layers::Blur&) const { return blurred(in(0)); }
  Tensor operator()(const layers::MeanDownsampling&) const { return downsample_mean(in(0)); }
  Tensor operator()(const Dropout& l) const {
    if (!l.drops(chances)) return in(0);
    Tensor y = spares() ? copied(in(0)) : in(0);
    l.forward(y, chances);
    return y;
  }
  Tensor operator()(const layers::Patches& l) const { return patches(in(0), l.height, l.width); }
  Tensor operator()(const layers::Unpatching& l) const {
    return unpatched(in(0), l.height, l.width);
  }
  Tensor operator()(const layers::Conversion& l) const {
    return converted(in(0), l.to == layers::Conversion::To::working ? working : DType::float32);
  }
  Tensor operator()(const layers::Relu&) const { return relu(in(0)); }
  Tensor operator()(const layers::Pooling& l) const { return pooled(in(0), l); }
  Tensor operator()(const layers::SpatialMean&) const { return spatial_means(in(0)); }
  Tensor operator()(const layers::ChannelRange& l) const {
    return channel_range(in(0), l.first, l.count);
  }
  Tensor operator()(const LayerNorm& l) const {
    const bool modulated = step.inputs.size() > 1;
    return l.forward(in(0), modulated ? Modulation{in(1), in(2)} : Modulation{}, tape);
  }
  Tensor operator()(const layers::Gelu&) const { return gelu(in(0), tape); }
  Tensor operator()(const layers::GatedSum&) const { return gated_sum(in(0), in(1), in(2), tape); }
  Tensor operator()(const PositionSum& l) const { return l.forward(in(0)); }
  Tensor operator()(const QueryKeyNorm& l) const { return l.forward(in(0), tape); }
  Tensor operator()(const RotaryTurns& l) const { return l.forward(in(0)); }
  Tensor operator()(const layers::SwiGlu&) const { return swiglu(in(0), tape); }
  Tensor operator()(const ContextTokens& l) const { return l.forward(in(0), in(1), tape); }
  Tensor operator()(const layers::WithoutContext& l) const { return without_context(in(0), l); }
};

/// The derivative of a value, as it comes together from the steps that took the value. What
/// comes last is kept apart: a norm adds it in its own pass.
class Derivative {
 public:
  void arrive(Tensor part) {
    if (!latest_.empty()) settle();
    latest_ = std::move(part);
  }
  Tensor take_latest() { return std::exchange(latest_, {}); }
  Tensor take() {
    if (sum_.empty()) return take_latest();
    settle();
    return std::exchange(sum_, {});
  }

 private:
  void settle() {
    if (sum_.empty()) {
      sum_ = std::move(latest_);
    } else {
      if (sum_.shared()) sum_ = copied(sum_);
      add_in_place(sum_, latest_);
    }
    latest_ = {};
  }

  Tensor sum_, latest_;
};

/// One step backwards: from the derivative of its result to those of its inputs.
struct Backward {
  const Graph& graph;
  const Step& step;
  std::vector<Derivative>& derivatives;
  const std::vector<bool>& wanted;  // of each value
  DType working;
  Tape& tape;
  Tensor dy;

  bool wants(std::size_t i) const { return wanted[step.inputs[i]]; }
  void arrive(std::size_t i, Tensor part) const {
    if (wants(i)) derivatives[step.inputs[i]].arrive(std::move(part));
  }

  void operator()(const layers::Images&) const {}
  void operator()(const layers::Sinusoids&) const {}
  void operator()(const FourierFeatures&) const {}
  void operator()(const layers::LabelSinusoids&) const {}
  void operator()(const layers::Blur&) const { arrive(0, blurred(dy)); }
  void operator()(const ClassEmbedding& l) const { l.backward(dy, tape); }
  void operator()(const Linear& l) const { through(l, 0); }
  void operator()(const PixelLinear& l) const { through(l, 0); }
  void operator()(const Conv2d& l) const {
    if (step.form == Form::onto_first) arrive(0, dy);
    through(l, step.form == Form::onto_first ? 1 : 0);
  }
  void operator()(const GroupNorm& l) {
    const Tensor straight = wants(0) ? derivatives[step.inputs[0]].take_latest() : Tensor();
    auto [dx, vectors] = l.backward(std::move(dy), straight, tape);
    arrive(0, std::move(dx));
    if (!vectors.shift.empty()) arrive(1, std::move(vectors.shift));
    arrive_at_vectors(std::move(vectors.modulation));
  }
  void operator()(const LayerNorm& l) {
    const Tensor straight = wants(0) ? derivatives[step.inputs[0]].take_latest() : Tensor();
    auto [dx, modulation] = l.backward(std::move(dy), straight, tape);
    arrive(0, std::move(dx));
    arrive_at_vectors(std::move(modulation));
  }
  void operator()(const layers::Gelu&) const { arrive(0, gelu_backward(dy, tape)); }
  void operator()(const layers::GatedSum&) const {
    auto [dsummand, dgate] = gated_sum_backward(dy, tape);
    arrive(0, dy);
    arrive(1, std::move(dsummand));
    arrive(2, std::move(dgate));
  }
  void operator()(const PositionSum&) const { arrive(0, dy); }
  void operator()(const QueryKeyNorm& l) const { arrive(0, l.backward(dy, tape)); }
  void operator()(const RotaryTurns& l) const { arrive(0, l.backward(dy)); }
  void operator()(const layers::SwiGlu&) const { arrive(0, swiglu_backward(dy, tape)); }
  void operator()(const ContextTokens& l) const {
    auto [dx, dvector] = l.backward(dy, tape);
    arrive(0, std::move(dx));
    arrive(1, std::move(dvector));
  }
  void operator()(const layers::WithoutContext& l) const { arrive(0, with_empty_context(dy, l)); }
  void operator()(const layers::ChannelRange& l) const {
    arrive(0, in_channel_range(dy, l.first, graph.channels({step.inputs[0]})));
  }
  void operator()(const layers::Activate& l) const {
    arrive(0, activated_backward(dy, l.activation, tape));
  }
  void operator()(const layers::Attention& l) const {
    arrive(0, attend_backward(dy, l.heads, tape));
  }
  void operator()(const layers::Sum&) const {
    arrive(0, dy);
    arrive(1, dy);
  }
  void operator()(const layers::Affine& l) const { arrive(0, scaled(dy, l.factor)); }
  void operator()(const layers::Concatenation&) const {
    auto [first, second] = split_channels(dy, graph.channels({step.inputs[0]}));
    arrive(0, std::move(first));
    arrive(1, std::move(second));
  }
  void operator()(const layers::NearestUpsampling&) const {
    arrive(0, upsample_nearest_backward(dy));
  }
  void operator()(const layers::MeanDownsampling&) const {
    arrive(0, downsample_mean_backward(dy));
  }
  void operator()(const Dropout& l) {
    if (l.drops(&tape)) {
      if (dy.shared()) dy = copied(dy);
      l.backward(dy, tape);
    }
    arrive(0, std::move(dy));
  }
  void operator()(const layers::Patches& l) const { arrive(0, unpatched(dy, l.height, l.width)); }
  void operator()(const layers::Unpatching& l) const { arrive(0, patches(dy, l.height, l.width)); }
  void operator()(const layers::Conversion& l) const {
    arrive(0, converted(dy, l.to == layers::Conversion::To::working ? DType::float32 : working));
  }
  template <Untrainable L>
  void operator()(const L&) const {
    assert(false);
  }

 private:
  void arrive_at_vectors(Modulation modulation) const {
    if (modulation.shift.empty()) return;
    arrive(1, std::move(modulation.shift));
    arrive(2, std::move(modulation.scale));
  }
  template <class L>
  void through(const L& layer, std::size_t input) const {
    if (wants(input))
      arrive(input, layer.backward(dy, tape));
    else
      layer.backward_weights(dy, tape);
  }
};

}  // namespace

Processor::Processor(Graph graph, Parameters& parameters)
    : graph_(std::move(graph)), steps_(plan(graph_)) {
  for (const WeightShape& weight : graph_.weights())
    parameters.add(weight.name, weight.shape, weight.training);
  for (const Step& step : steps_) {
    layers_.push_back(made(*step.layer, parameters));
    if (parts_.size() == step.part) parts_.push_back({layers_.size() - 1, 0});
    ++parts_.back().count;
  }
}

/// What there is on the way forward.
struct Processor::Walk {
  Inputs inputs;
  DType working;
  std::vector<Tensor> values;  // of each node, as long as a later step takes them
  Tape* chances;               // what dropout draws from
};

void Processor::forward(const Range& steps, Walk& walk, Tape* tape) const {
  for (std::size_t i = steps.first; i < steps.first + steps.count; ++i) {
    const Step& step = steps_[i];
    Tape* const own = tape && concerns(*tape, step) ? tape : nullptr;
    walk.values[step.value] = std::visit(
        Forward{step, walk.values, walk.inputs, walk.working, own, walk.chances}, layers_[i]);
    for (const std::size_t value : step.done) walk.values[value] = {};
  }
}

Tensor Processor::forward(const Inputs& inputs, DType working, Tape* tape) const {
  graph_.check(inputs.images.dims());
  if (!inputs.labels.empty() && graph_.classes() == 0)
    throw Error("labels were given to a network without classes");
  Walk walk{inputs, working, std::vector<Tensor>(graph_.nodes().size()), tape};
  if (!tape || !tape->recomputes || parts_.size() == 1) {
    forward({0, steps_.size()}, walk, tape);
    return std::move(walk.values.back());
  }
  Tape::Beginnings& kept = tape->beginnings;
  kept.values.resize(walk.values.size());
  kept.images = inputs.images;
  kept.timesteps.assign(inputs.timesteps.begin(), inputs.timesteps.end());
  kept.labels.assign(inputs.labels.begin(), inputs.labels.end());
  for (const Range& part : parts_) {
    forward(part, walk, &part == &parts_.back() ? tape : nullptr);
    for (std::size_t i = part.first; i < part.first + part.count; ++i)
      if (steps_[i].outlives) kept.values[steps_[i].value] = walk.values[steps_[i].value];
  }
  return std::move(walk.values.back());
}

void Processor::repeat(const Range& part, DType working, Tape& tape) const {
  Tape::Beginnings& kept = tape.beginnings;
  for (std::size_t i = part.first; i < part.first + part.count; ++i)
    kept.values[steps_[i].value] = {};
  Walk walk{{kept.images, kept.timesteps, kept.labels}, working, kept.values, &tape};
  forward(part, walk, &tape);
}

Tensor Processor::backward(const Tensor& dy, DType working, Tape& tape) const {
  std::vector<Derivative> derivatives(graph_.nodes().size());
  std::vector<bool> wanted(graph_.nodes().size());
  for (const Step& step : steps_) wanted[step.value] = concerns(tape, step);
  derivatives.back().arrive(dy);
  const bool in_parts = !tape.beginnings.values.empty();
  for (std::size_t i = steps_.size(); i-- > 1;) {
    const Step& step = steps_[i];
    const Range& part = parts_[step.part];
    const bool ends_part = i + 1 == part.first + part.count && i + 1 < steps_.size();
    if (in_parts && ends_part) repeat(part, working, tape);
    if (!wanted[step.value]) continue;
    Backward back{graph_, step, derivatives, wanted, working, tape, derivatives[step.value].take()};
    std::visit(back, layers_[i]);
  }
  tape.beginnings = {};
  return derivatives.front().take();
}

}  // namespace diffusion::nn
