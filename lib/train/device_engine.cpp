#include "lib/train/device_engine.hpp"

#include <algorithm>
#include <cassert>
#include <numeric>

#include "lib/base/error.hpp"
#include "lib/base/text.hpp"
#include "lib/rng/noise_source.hpp"
#include "lib/train/device_batch.hpp"

namespace diffusion {
namespace {

using xla::Buffer, xla::Type;
using Buffers = std::vector<Buffer>;

/// Does `work` and tells what helps where memory does not suffice.
template <class Work>
decltype(auto) within_memory(const Work& work) {
  try {
    return work();
  } catch (const xla::OutOfDeviceMemory& e) {
    throw Error("the device's memory does not suffice (" + std::string(e.what()) +
                "): a smaller `batch` or a higher `accumulate` takes less; the last checkpoint "
                "holds all that was learned up to it");
  }
}

const nn::Graph& graph_of(const Network& network) {
  if (const nn::Graph* const graph = network.graph()) return *graph;
  throw Error(
      "this network is not written down as a graph of layers, which devices need: train "
      "it on the processor");
}

/// Images that each replica takes at once.
std::int64_t part_of_batch(const TrainConfig& config, std::size_t devices) {
  const std::uint64_t parts = devices * config.accumulate;
  if (config.batch % parts == 0) return std::int64_t(config.batch / parts);
  throw Error(
      "`batch` is " + std::to_string(config.batch) + " and must be a multiple of " +
      std::to_string(parts) + ": " + count_of(devices, "device") +
      (config.accumulate > 1 ? " times `accumulate` " + std::to_string(config.accumulate) : ""));
}

StepPlan plan_of(const DeviceEngine::Parts& parts, std::size_t devices) {
  const TrainConfig& config = parts.config;
  const ImageShape& shape = parts.images.shape();
  return {.images = {part_of_batch(config, devices), std::int64_t(shape.height),
                     std::int64_t(shape.width), std::int64_t(shape.channels)},
          .batch = config.batch,
          .labels = parts.images.classes() > 0,
          .loss = make_loss_kind(config.loss),
          .update = {config.adam, config.clip, config.averages},
          .working = config.precision == nn::DType::bfloat16 ? Type::bf16 : Type::f32,
          .products = config.tf32 ? xla::Precision::standard : xla::Precision::highest,
          .replicas = int(devices),
          .recompute = config.recompute};
}

/// The flat arrays of the state, in the order of the programs.
std::vector<std::span<float>> arrays_of(TrainingState& state) {
  std::vector<std::span<float>> all{state.network->parameters().values(), state.adam.mean,
                                    state.adam.square};
  for (WeightAverage& average : state.averages) all.emplace_back(average.values);
  return all;
}

void append(Buffers& buffers, xla::Arguments& arguments) {
  for (Buffer& buffer : buffers) arguments.push_back(&buffer);
}

/// What a program gave from `first` on takes the place of what it was given.
void keep(Buffers& given, std::size_t first, Buffers& kept) {
  for (std::size_t i = 0; i < kept.size(); ++i) kept[i] = std::move(given[first + i]);
}

}  // namespace

DeviceEngine::Download::Download(Buffer of)
    : buffer(std::move(of)),
      values(buffer.shape().count()),
      pending(buffer.begin_download(std::as_writable_bytes(std::span(values)))) {}

DeviceEngine::DeviceEngine(const Parts& parts, const TrainingDevice& device)
    : parts_(parts),
      client_(device.client),
      plan_(plan_of(parts, device.client->devices().size())),
      evaluated_(std::make_unique<DeviceNetwork>(
          parts.state.network->config(), graph_of(*parts.state.network),
          NetworkDevice{client_, plan_.products, device.evaluation})) {
  evaluated_->compute_in(parts.config.precision);
  within_memory([&] { compile(device); });
}

const Network& DeviceEngine::network() const {
  std::ranges::copy(parts_.state.network->parameters().values(),
                    evaluated_->parameters().values().begin());
  evaluated_->parameters().touch();
  return *evaluated_;
}

void DeviceEngine::compile(const TrainingDevice& device) {
  const nn::Graph& graph = graph_of(*parts_.state.network);
  const xla::CompileOptions options{.replicas = plan_.replicas};
  const auto compiled = [&](const xla::ProgramText& text) {
    return compile_cached(*client_, text, options, device.watch);
  };
  if (accumulate() == 1) {
    step_ = compiled(step_program(graph, plan_));
    return;
  }
  add_ = compiled(add_program(graph, plan_));
  finish_ = compiled(finish_program(graph, plan_));
}

Buffer DeviceEngine::upload(std::span<const float> values, int device) const {
  return client_->upload(values.data(), {Type::f32, {std::int64_t(values.size())}}, device);
}

void DeviceEngine::upload() {
  const auto updates = std::uint32_t(std::min<std::uint64_t>(parts_.state.adam.updates, 1u << 31));
  const std::vector<float> zeros(parts_.state.network->parameters().size());
  std::vector<Replica> replicas(std::size_t(plan_.replicas));
  for (int device = 0; device < plan_.replicas; ++device) {
    Replica& replica = replicas[std::size_t(device)];
    for (const auto array : arrays_of(parts_.state)) replica.state.push_back(upload(array, device));
    replica.state.push_back(client_->upload(&updates, {Type::u32, {}}, device));
    if (accumulate() == 1) continue;
    replica.sums.push_back(upload(zeros, device));
    replica.sums.push_back(client_->upload(zeros.data(), {Type::f32, {}}, device));
  }
  replicas_ = std::move(replicas);
}

void DeviceEngine::load() {
  assert(under_way_.empty());
  replicas_.clear();
}

void DeviceEngine::store() {
  assert(under_way_.empty());
  if (replicas_.empty()) return;
  const Buffers& state = replicas_.front().state;
  if (!std::ranges::all_of(state, [](const Buffer& buffer) { return bool(buffer); }))
    throw Error("the training on the device ended in an error, and its weights with it");
  std::size_t next = 0;
  for (const auto array : arrays_of(parts_.state))
    state[next++].download(std::as_writable_bytes(array));
  parts_.state.network->parameters().touch();
}

/// What each device has of a part of a batch: a run of its examples, which it takes in parts.
std::vector<Buffers> DeviceEngine::batches_on(const Begun& step, std::size_t part) const {
  const BatchForm form{graph(), plan_, parts_.batches.objective(),
                       NoiseSource(parts_.config.seed, "diff-train").key()};
  const std::span examples(step.examples);
  const auto each = std::size_t(plan_.images.n);
  std::vector<Buffers> all;
  for (std::size_t r = 0; r < replicas_.size(); ++r) {
    const std::size_t first = (r * accumulate() + part) * each;
    all.push_back(upload_batch(form, parts_.batches.batch_of(examples.subspan(first, each)),
                               *client_, int(r)));
  }
  return all;
}

std::vector<Buffer> DeviceEngine::rates(double learning_rate) const {
  const float rate = float(learning_rate);
  std::vector<Buffer> all;
  for (std::size_t r = 0; r < replicas_.size(); ++r)
    all.push_back(client_->upload(&rate, {Type::f32, {}}, int(r)));
  return all;
}

void DeviceEngine::run_whole(Begun& step, double learning_rate) {
  std::vector<Buffers> batch = batches_on(step, 0);
  Buffers rate = rates(learning_rate);
  std::vector<xla::Arguments> arguments(replicas_.size());
  for (std::size_t r = 0; r < replicas_.size(); ++r) {
    append(replicas_[r].state, arguments[r]);
    append(batch[r], arguments[r]);
    arguments[r].push_back(&rate[r]);
  }
  std::vector<Buffers> given = step_.run(arguments);
  for (std::size_t r = 0; r < replicas_.size(); ++r) {
    keep(given[r], 0, replicas_[r].state);
    step.losses.emplace_back(std::move(given[r][replicas_[r].state.size()]));
  }
  step.report.emplace_back(std::move(given.front().back()));
}

/// Each replica's losses.
Buffers DeviceEngine::add_part(const Begun& step, std::size_t part) {
  std::vector<Buffers> batch = batches_on(step, part);
  std::vector<xla::Arguments> arguments(replicas_.size());
  for (std::size_t r = 0; r < replicas_.size(); ++r) {
    append(replicas_[r].sums, arguments[r]);
    append(batch[r], arguments[r]);
    arguments[r].push_back(&replicas_[r].state.front());
  }
  std::vector<Buffers> given = add_.run(arguments);
  Buffers losses;
  for (std::size_t r = 0; r < replicas_.size(); ++r) {
    keep(given[r], 0, replicas_[r].sums);
    losses.push_back(std::move(given[r].back()));
  }
  return losses;
}

/// Returns the report.
Buffer DeviceEngine::finish(double learning_rate) {
  Buffers rate = rates(learning_rate);
  std::vector<xla::Arguments> arguments(replicas_.size());
  for (std::size_t r = 0; r < replicas_.size(); ++r) {
    append(replicas_[r].state, arguments[r]);
    append(replicas_[r].sums, arguments[r]);
    arguments[r].push_back(&rate[r]);
  }
  std::vector<Buffers> given = finish_.run(arguments);
  for (std::size_t r = 0; r < replicas_.size(); ++r) {
    keep(given[r], 0, replicas_[r].state);
    keep(given[r], replicas_[r].state.size(), replicas_[r].sums);
  }
  return std::move(given.front().back());
}

void DeviceEngine::run_parts(Begun& step, double learning_rate) {
  std::vector<Buffers> losses;  // by part and replica
  for (std::size_t part = 0; part < accumulate(); ++part) losses.push_back(add_part(step, part));
  for (std::size_t r = 0; r < replicas_.size(); ++r)
    for (Buffers& of_part : losses) step.losses.emplace_back(std::move(of_part[r]));
  step.report.emplace_back(finish(learning_rate));
}

void DeviceEngine::begin(std::span<const BatchMaker::Example> examples, double learning_rate) {
  parts_.batches.expect(examples.front().id + parts_.config.batch, parts_.config.batch);
  within_memory([&] {
    if (replicas_.empty()) upload();
    Begun step{{examples.begin(), examples.end()}, {}, {}};
    accumulate() == 1 ? run_whole(step, learning_rate) : run_parts(step, learning_rate);
    under_way_.push_back(std::move(step));
  });
}

StepOutcome DeviceEngine::end() {
  Begun step = std::move(under_way_.front());
  under_way_.pop_front();
  StepOutcome outcome;
  within_memory([&] {
    for (Download& part : step.losses) part.pending.await();
    step.report.front().pending.await();
  });
  for (const Download& part : step.losses)
    outcome.losses.insert(outcome.losses.end(), part.values.begin(), part.values.end());
  outcome.loss = std::accumulate(outcome.losses.begin(), outcome.losses.end(), 0.0) /
                 double(outcome.losses.size());
  for (std::size_t n = 0; n < outcome.losses.size(); ++n)
    outcome.losses[n] /= step.examples[n].at.factor;
  outcome.gradient_norm = step.report.front().values[0];
  outcome.sound = step.report.front().values[1] != 0;
  parts_.state.adam.updates += outcome.sound ? 1 : 0;
  return outcome;
}

}  // namespace diffusion
