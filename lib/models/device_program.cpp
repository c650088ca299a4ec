#include "lib/models/device_program.hpp"

#include "lib/xla/derivative.hpp"
#include "lib/xla/lower.hpp"

namespace diffusion {

using xla::Type;
using xla::Value;

xla::ProgramText device_program(const nn::Graph& graph, const DeviceBatch& batch,
                                xla::Precision precision) {
  xla::Program program({.name = "network", .precision = precision});
  const std::int64_t n = batch.images;
  const Value flat =
      program.parameter({Type::f32, {std::int64_t(graph.weight_count())}}, "weights");
  const xla::Extents images{n, batch.height, batch.width, graph.channels(graph.images())};
  xla::NetworkArguments arguments{
      .images = program.parameter({Type::f32, images}, "images"),
      .sinusoids = {},
      .working = batch.working == nn::DType::bfloat16 ? Type::bf16 : Type::f32};
  for (const nn::SinusoidShape& shape : xla::sinusoids_of(graph))
    arguments.sinusoids.push_back(program.parameter({Type::f32, {n, shape.channels}}, "sinusoids"));
  if (graph.classes() > 0) arguments.labels = program.parameter({Type::s32, {n}}, "labels");
  const Value said = xla::lower(graph, xla::separate_weights(graph, flat), arguments);
  if (batch.result == DeviceResult::prediction) {
    program.result(said);
  } else {
    const xla::Seed seed{said, program.parameter(said.shape(), "derivative")};
    program.result(xla::gradients(program, {&seed, 1}, {&arguments.images, 1}).front());
  }
  return {text(program), signature(program)};
}

}  // namespace diffusion
