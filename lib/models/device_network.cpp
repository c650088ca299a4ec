#include "lib/models/device_network.hpp"

#include <algorithm>
#include <cassert>
#include <cstring>

#include "lib/base/error.hpp"
#include "lib/base/text.hpp"
#include "lib/models/pieces.hpp"
#include "lib/nn/sinusoids.hpp"
#include "lib/xla/executable_cache.hpp"
#include "lib/xla/lower.hpp"

namespace diffusion {
namespace {

using xla::Type;

/// The batch, and as many empty images as it lacks.
nn::Tensor filled(const nn::Tensor& x, std::int64_t images) {
  nn::Dims dims = x.dims();
  if (dims.n == images) return x;
  dims.n = images;
  nn::Tensor all(dims);
  std::ranges::fill(std::ranges::copy(x.floats(), all.floats().begin()).out, all.floats().end(),
                    0.0f);
  return all;
}

/// What a program is handed, in its order.
class Arguments {
 public:
  Arguments(xla::Client& client, int device) : client_(client), device_(device) {}

  void add(const void* data, const xla::Shape& shape) {
    buffers_.push_back(client_.upload(data, shape, device_));
  }
  void add_floats(const nn::Tensor& x, std::vector<std::int64_t> dims) {
    add(x.data(), {Type::f32, std::move(dims)});
  }
  xla::Arguments behind(xla::Buffer& first) {
    xla::Arguments all{&first};
    for (xla::Buffer& buffer : buffers_) all.push_back(&buffer);
    return all;
  }

 private:
  xla::Client& client_;
  int device_;
  std::vector<xla::Buffer> buffers_;
};

std::vector<std::int64_t> extents_of(const nn::Tensor& x) {
  const nn::Dims& d = x.dims();
  return {d.n, d.h, d.w, d.c};
}

/// Numbers that backward needs again, exact as they are.
template <class T>
nn::Tensor kept(const std::vector<T>& values) {
  static_assert(sizeof(T) == sizeof(float));
  nn::Tensor tensor(nn::Dims{std::int64_t(values.size())});
  std::memcpy(tensor.data(), values.data(), values.size() * sizeof(T));
  return tensor;
}
template <class T>
std::vector<T> recalled(const nn::Tensor& tensor) {
  std::vector<T> values(tensor.count());
  std::memcpy(values.data(), tensor.data(), values.size() * sizeof(T));
  return values;
}

}  // namespace

DeviceNetwork::DeviceNetwork(Json config, nn::Graph graph, NetworkDevice engine)
    : config_(std::move(config)),
      graph_(std::move(graph)),
      engine_(std::move(engine)),
      under_way_(engine_.client->devices().size()) {
  for (const nn::WeightShape& weight : graph_.weights()) parameters_.add(weight.name, weight.shape);
}

nn::Tensor DeviceNetwork::forward(const nn::Tensor& x, std::span<const float> timesteps,
                                  std::span<const int> labels, nn::Tape* tape) const {
  assert(std::int64_t(timesteps.size()) == x.dims().n);
  assert(labels.empty() || labels.size() == timesteps.size());
  assert(!tape || !tape->wants_weights());
  const Batch batch{x, {timesteps.begin(), timesteps.end()}, checked(x, labels)};
  nn::Tensor y = run(batch);
  if (!tape) return y;
  tape->push(x);
  tape->push(kept(batch.timesteps));
  if (graph_.classes() > 0) tape->push(kept(batch.labels));
  return y;
}

nn::Tensor DeviceNetwork::backward(const nn::Tensor& dy, nn::Tape& tape) const {
  assert(!tape.wants_weights());
  std::vector<int> labels;
  if (graph_.classes() > 0) labels = recalled<int>(tape.pop());
  std::vector<float> timesteps = recalled<float>(tape.pop());
  const nn::Tensor x = tape.pop();
  return run({x, std::move(timesteps), std::move(labels), &dy});
}

/// The labels of all images, -1 where none is given; nothing for a network without classes.
std::vector<int> DeviceNetwork::checked(const nn::Tensor& x, std::span<const int> labels) const {
  graph_.check(x.dims());
  const std::int64_t classes = graph_.classes();
  if (!labels.empty() && classes == 0)
    throw Error("labels were given to a network without classes");
  for (const int label : labels)
    if (label < -1 || label >= classes)
      throw Error("label " + std::to_string(label) + ": the network has classes 0 to " +
                  std::to_string(classes - 1));
  if (labels.empty() && classes > 0) return std::vector<int>(std::size_t(x.dims().n), -1);
  return {labels.begin(), labels.end()};
}

nn::Tensor DeviceNetwork::run(const Batch& batch) const {
  const auto images = std::size_t(batch.x.dims().n);
  try {
    const Turn turn(*this);
    return images_of(run_on(turn.device(), batch), {0, images});
  } catch (const xla::OutOfDeviceMemory& error) {
    throw Error(count_of(images, "image") +
                " at once do not fit in the device's memory; a smaller `batch` needs less (" +
                error.what() + ")");
  }
}

nn::Tensor DeviceNetwork::run_on(int device, const Batch& batch) const {
  const auto result = batch.dy ? DeviceResult::image_derivative : DeviceResult::prediction;
  const nn::Dims& d = batch.x.dims();
  const xla::Executable& program = program_for({result, type_, d.h, d.w, d.n}, device);
  const std::int64_t n = program.signature().results[0].dims[0];
  std::vector<float> timesteps = batch.timesteps;
  timesteps.resize(std::size_t(n), timesteps.front());
  std::vector<int> labels = batch.labels;
  labels.resize(std::size_t(n), -1);

  Arguments arguments(*engine_.client, device);
  const nn::Tensor x = filled(batch.x, n);
  arguments.add_floats(x, extents_of(x));
  for (const nn::SinusoidShape& shape : xla::sinusoids_of(graph_))
    arguments.add_floats(nn::sinusoids(timesteps, shape), {n, shape.channels});
  if (graph_.classes() > 0) arguments.add(labels.data(), {Type::s32, {n}});
  if (batch.dy) {
    const nn::Tensor dy = filled(*batch.dy, n);
    arguments.add_floats(dy, extents_of(dy));
  }
  const auto weights = weights_on(device);
  const auto results = program.run(arguments.behind(*weights));
  const auto& dims = results[0].shape().dims;
  nn::Tensor y(nn::Dims{dims[0], dims[1], dims[2], dims[3]});
  results[0].download(std::as_writable_bytes(y.floats()));
  return y;
}

DeviceNetwork::Turn::Turn(const DeviceNetwork& network) : network_(network) {
  const std::lock_guard lock(network_.mutex_);
  const auto least = std::ranges::min_element(network_.under_way_);
  ++*least;
  device_ = int(least - network_.under_way_.begin());
}

DeviceNetwork::Turn::~Turn() {
  const std::lock_guard lock(network_.mutex_);
  --network_.under_way_[std::size_t(device_)];
}

/// Others may run what they have while it is compiled.
const xla::Executable& DeviceNetwork::program_for(const DeviceBatch& batch, int device) const {
  const auto& [full, compiled] = place_for(batch, device);
  const std::lock_guard lock(compiled.mutex);
  if (compiled.program) return *compiled.program;
  const xla::CompileWatch watch =
      engine_.watch ? engine_.watch(std::size_t(full.images)) : xla::CompileWatch();
  return compiled.program.emplace(
      xla::compile_cached(*engine_.client, device_program(graph_, full, engine_.precision),
                          {.devices = {device}}, watch));
}

std::pair<DeviceBatch, DeviceNetwork::Compiled&> DeviceNetwork::place_for(const DeviceBatch& batch,
                                                                          int device) const {
  const std::lock_guard lock(mutex_);
  const DeviceBatch full = filled_up(batch);
  return {full, programs_[{full, device}]};
}

/// The smallest that there is a program for and that it fills by half.
DeviceBatch DeviceNetwork::filled_up(const DeviceBatch& batch) const {
  DeviceBatch full = batch;
  full.images = 2 * batch.images + 1;
  for (const auto& [key, compiled] : programs_) {
    DeviceBatch same = key.first;
    same.images = batch.images;
    const bool holds = same == batch && key.first.images >= batch.images;
    if (holds && key.first.images < full.images) full = key.first;
  }
  return full.images > 2 * batch.images ? batch : full;
}

std::shared_ptr<xla::Buffer> DeviceNetwork::weights_on(int device) const {
  const std::lock_guard lock(mutex_);
  if (!weights_ || weights_->version != parameters_.version())
    weights_ = std::make_shared<Weights>(
        Weights{parameters_.version(), std::vector<xla::Buffer>(under_way_.size())});
  xla::Buffer& buffer = weights_->on[std::size_t(device)];
  const std::span<const float> values = parameters_.values();
  if (!buffer)
    buffer =
        engine_.client->upload(values.data(), {Type::f32, {std::int64_t(values.size())}}, device);
  return {weights_, &buffer};
}

}  // namespace diffusion
