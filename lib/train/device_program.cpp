#include "lib/train/device_program.hpp"

#include <string>

#include "lib/train/fixed_weights.hpp"
#include "lib/xla/derivative.hpp"
#include "lib/xla/gradients_in_parts.hpp"
#include "lib/xla/lower.hpp"

namespace diffusion {
namespace {

using xla::Program, xla::Type, xla::Value;

struct Sums {
  Value gradient, loss;
};

struct PartGradient {
  Value gradient, each;
};

class StepBuilder {
 public:
  StepBuilder(const nn::Graph& graph, const StepPlan& plan, const std::string& name)
      : graph_(graph),
        plan_(plan),
        program_({.name = name, .precision = plan.products, .replicas = plan.replicas}) {}

  Value flat(const std::string& name) { return program_.parameter({Type::f32, {size()}}, name); }
  Value scalar(const std::string& name) { return program_.parameter({Type::f32, {}}, name); }

  DeviceState state() {
    DeviceState s{flat("weights"), flat("mean"), flat("square"), {}, {}};
    for (std::size_t i = 0; i < plan_.update.averages.size(); ++i)
      s.averages.push_back(flat("average_" + std::to_string(i)));
    s.updates = program_.parameter({Type::u32, {}}, "updates");
    return s;
  }
  Sums sums() {
    const Value gradient = flat("gradient");
    return {gradient, scalar("loss")};
  }

  /// What a batch's arguments become, of weights that are an argument too.
  struct Given {
    xla::NetworkArguments network;
    Value target, constants;
  };
  Given batch();
  PartGradient gradient(const Given& given, Value weights);

  /// Of all replicas.
  DeviceUpdate update(const DeviceState& state, const Sums& part, Value learning_rate) {
    UpdateRule rule = plan_.update;
    rule.fixed = fixed_weights(graph_);
    return device_update(state, {all_reduce(part.gradient), all_reduce(part.loss), learning_rate},
                         rule);
  }

  void give(const DeviceState& before, const DeviceState& after);
  void give(const Sums& before, const Sums& after) {
    donated(before.gradient, after.gradient);
    donated(before.loss, after.loss);
  }
  void give(Value result) { program_.result(result); }
  void give_report(const DeviceUpdate& update) {
    const Value both[] = {reshape(update.norm, {1}),
                          reshape(convert(update.sound, Type::f32), {1})};
    give(concatenate(both, 0));
  }

  Value mean_of(Value each) { return sum(each, {0}) / double(plan_.batch); }
  xla::ProgramText text() const { return {xla::text(program_), signature(program_)}; }

 private:
  std::int64_t size() const { return std::int64_t(graph_.weight_count()); }
  void donated(Value before, Value after) { program_.donate(before, program_.result(after)); }

  const nn::Graph& graph_;
  const StepPlan& plan_;
  Program program_;
};

StepBuilder::Given StepBuilder::batch() {
  const nn::Dims& d = plan_.images;
  const xla::Shape shape{Type::f32, {d.n, d.h, d.w, d.c}};
  const Value images = program_.parameter(shape, "images");
  const Value target = program_.parameter(shape, "target");
  Given given{{.images = images, .sinusoids = {}, .working = plan_.working}, target, {}};
  for (const nn::SinusoidShape& each : xla::sinusoids_of(graph_))
    given.network.sinusoids.push_back(
        program_.parameter({Type::f32, {d.n, each.channels}}, "sinusoids"));
  if (plan_.labels) given.network.labels = program_.parameter({Type::s32, {d.n}}, "labels");
  const Value draws = program_.parameter({Type::u32, {4}}, "draws");
  given.network.draws = {slice(draws, {{0}, {2}}), slice(draws, {{2}, {4}})};
  given.constants =
      program_.parameter({Type::f32, {d.n, loss_constants_of(plan_.loss)}}, "constants");
  return given;
}

PartGradient StepBuilder::gradient(const Given& given, Value weights) {
  const std::vector<Value> parts = separate_weights(graph_, weights);
  const auto loss_of = [&](Value output) {
    return device_loss(plan_.loss, {output, given.network.images, given.target, given.constants},
                       plan_.batch);
  };
  if (plan_.recompute) {
    Value each;
    const auto slope = [&](Value output) {
      const DeviceLoss loss = loss_of(output);
      each = loss.each;
      return loss.derivative;
    };
    const auto all = gradients_in_parts(graph_, parts, given.network, slope);
    return {xla::flat_array(all), each};
  }
  const Value output = lower(graph_, parts, given.network);
  const DeviceLoss loss = loss_of(output);
  const xla::Seed seed{output, loss.derivative};
  return {xla::flat_array(gradients(program_, {&seed, 1}, parts)), loss.each};
}

void StepBuilder::give(const DeviceState& before, const DeviceState& after) {
  donated(before.weights, after.weights);
  donated(before.mean, after.mean);
  donated(before.square, after.square);
  for (std::size_t i = 0; i < before.averages.size(); ++i)
    donated(before.averages[i], after.averages[i]);
  donated(before.updates, after.updates);
}

}  // namespace

xla::ProgramText step_program(const nn::Graph& graph, const StepPlan& plan) {
  StepBuilder build(graph, plan, "training_step");
  const DeviceState before = build.state();
  const StepBuilder::Given given = build.batch();
  const Value rate = build.scalar("learning_rate");
  const PartGradient part = build.gradient(given, before.weights);
  const DeviceUpdate update = build.update(before, {part.gradient, build.mean_of(part.each)}, rate);
  build.give(before, update.state);
  build.give(part.each);
  build.give_report(update);
  return build.text();
}

xla::ProgramText add_program(const nn::Graph& graph, const StepPlan& plan) {
  StepBuilder build(graph, plan, "part_of_a_step");
  const Sums before = build.sums();
  const StepBuilder::Given given = build.batch();
  const Value weights = build.flat("weights");
  const PartGradient part = build.gradient(given, weights);
  const Value gradient = before.gradient + part.gradient;
  build.give(before, {gradient, before.loss + build.mean_of(part.each)});
  build.give(part.each);
  return build.text();
}

xla::ProgramText finish_program(const nn::Graph& graph, const StepPlan& plan) {
  StepBuilder build(graph, plan, "end_of_a_step");
  const DeviceState before = build.state();
  const Sums sums = build.sums();
  const DeviceUpdate update = build.update(before, sums, build.scalar("learning_rate"));
  build.give(before, update.state);
  build.give(sums, {filled_like(sums.gradient, 0), filled_like(sums.loss, 0)});
  build.give_report(update);
  return build.text();
}

}  // namespace diffusion
