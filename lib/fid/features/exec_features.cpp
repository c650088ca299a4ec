#include "lib/fid/features/exec_features.hpp"

#include <memory>

#include "lib/base/error.hpp"
#include "lib/tensor/array_program.hpp"
#include "lib/tensor/finite.hpp"

namespace diffusion {
namespace {

/// Images as exec_features prepares them: three channels of whole numbers to 255.
std::string question_of(std::span<const Tensor> images) {
  const Shape& shape = images[0].shape();
  std::string bytes;
  bytes.reserve(images.size() * images[0].size());
  for (const Tensor& image : images)
    for (const float value : image) bytes.push_back(char(std::uint8_t(value)));
  return npy_bytes(NpyType::uint8, {images.size(), shape[0], shape[1], shape[2]}, bytes);
}

/// Refuses an answer that is no row of features for each image.
void need_features(const ArrayProgram& program, const NpyHeader& answer, std::size_t images) {
  const bool fits = answer.shape.size() == 2 && answer.shape[0] == images && answer.data_bytes != 0;
  if (!fits)
    program.fail("answers an array of shape " + describe(Shape(answer.shape)) + " to " +
                 std::to_string(images) + " images; N x d is wanted");
  if (!is_floating(answer.type))
    program.fail("answers " + name_of(answer.type) + ", not floating-point numbers");
  constexpr std::uint64_t most = std::uint64_t(1) << 33;
  if (answer.data_bytes > most)
    program.fail("announces an answer of " + std::to_string(answer.data_bytes) +
                 " bytes to one batch of images; at most " + std::to_string(most) + " are taken");
}

Tensor features_by(ArrayProgram& program, std::span<const Tensor> images) {
  const auto accept = [&](const NpyHeader& answer) {
    need_features(program, answer, images.size());
  };
  Tensor rows = program.ask(question_of(images), accept).to_tensor();
  if (!all_finite(rows)) program.fail(std::string("answers features that are ") + not_finite);
  return rows;
}

}  // namespace

FeatureExtractor exec_features(Params& params, const FeatureSettings&) {
  const std::string command = params.text("command", "");
  if (command.empty()) throw Error("exec: name a command: exec:COMMAND");
  const auto program = std::make_shared<ArrayProgram>(command, ArrayProgram::Life::many,
                                                      params.number("patience", usual_patience));
  const auto prepare = [](const Image& image) {
    return three_channels(byte_scale(image, Rounding::eight_bits));
  };
  const auto run = [program](std::span<const Tensor> images) {
    return features_by(*program, images);
  };
  return {.provenance = {{"features", program->name()}},
          .prepare = prepare,
          .run = features_only(run),
          .finish = [program] { return program->finish(); }};
}

}  // namespace diffusion
