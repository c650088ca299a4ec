#include "lib/models/exec_model.hpp"

#include <cmath>
#include <memory>
#include <utility>

#include "lib/base/error.hpp"
#include "lib/noise/precondition.hpp"
#include "lib/tensor/array_program.hpp"

namespace diffusion {
namespace {

template <class Value>
std::string row_bytes(NpyType type, const std::vector<Value>& values) {
  return npy_bytes(type, {values.size()},
                   {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(Value)});
}

std::string question_of(const Tensor& x_t, double timestep, std::vector<std::int32_t> labels) {
  const std::size_t samples = x_t.shape(0);
  if (labels.empty()) labels.push_back(-1);
  if (labels.size() == 1) labels.resize(samples, labels[0]);
  const std::vector<float> timesteps(samples, float(timestep));
  return npy_bytes(x_t) + row_bytes(NpyType::float32, timesteps) +
         row_bytes(NpyType::int32, labels);
}

void need_prediction(const ArrayProgram& program, const NpyHeader& answer, const Tensor& x_t) {
  const Shape shape(answer.shape);
  Shape with_variance = x_t.shape();
  with_variance.back() *= 2;
  if (shape != x_t.shape() && shape != with_variance)
    program.fail("answers an array of shape " + describe(shape) + " to states of " +
                 describe(x_t.shape()));
  if (!is_floating(answer.type))
    program.fail("answers " + name_of(answer.type) + ", not floating-point numbers");
}

Denoiser denoiser_by(std::shared_ptr<ArrayProgram> program, Prediction predicts,
                     std::vector<int> labels) {
  return [=, program = std::move(program), labels = std::move(labels)](const Tensor& x_t,
                                                                       const NoiseLevel& at) {
    // The path scales what a network sees, and a program sees x_t itself.
    const double timestep = finite_timestep({predicts, Path::variance_preserving}, at);
    const auto accept = [&](const NpyHeader& header) { need_prediction(*program, header, x_t); };
    const Tensor predicted = program->ask(question_of(x_t, timestep, labels), accept).to_tensor();
    return denoised_from_said(predicts, predicted, x_t, at);
  };
}

}  // namespace

Model load_exec(const std::string& command, const ModelOptions& options) {
  const ExecOptions& said = options.exec;
  const auto program = std::make_shared<ArrayProgram>(command, ArrayProgram::Life::one,
                                                      said.patience.value_or(usual_patience));
  if (!said.shape)
    throw Error(program->name() +
                ": a program does not say of what size its samples are; `shape` HxWxC does");
  Model model{.shape = *said.shape,
              .schedule = {},
              .labels = said.classes.value_or(0),
              .predicts = said.predict.value_or(Prediction::eps),
              .denoiser = {}};
  model.denoiser = [program, predicts = model.predicts](std::span<const int> labels) {
    return denoiser_by(program, predicts, {labels.begin(), labels.end()});
  };
  model.finish = [program] { return program->finish(); };
  return model;
}

}  // namespace diffusion
