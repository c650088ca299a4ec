// A training step as programs for devices: the network forward and backward, the loss, and the
// update of the weights.
#pragma once
#include "lib/nn/graph.hpp"
#include "lib/train/device_loss.hpp"
#include "lib/train/device_update.hpp"
#include "lib/xla/executable.hpp"
#include "lib/xla/program.hpp"

namespace diffusion {

/// What the programs are made for.
struct StepPlan {
  nn::Dims images;          // that a replica takes through the network at once
  std::uint64_t batch = 1;  // images of a step
  bool labels = false;
  LossKind loss = {};
  UpdateRule update = {};
  xla::Type working = xla::Type::f32;  // of activations and products, or bf16
  xla::Precision products = xla::Precision::highest;
  int replicas = 1;
  bool recompute = false;  // parts of the network are computed anew on the way back
};

// Arguments, in groups of this order, and results:
//
//   state   weights, mean, square (each f32, P), averages (f32, P each), updates (u32)
//   sums    of derivatives (f32, P), of losses (f32)
//   batch   images, target (f32, N x H x W x C), sinusoids of each such layer (f32, N x channels),
//           labels (s32, N, if there are any), the key and the first example (u32, 4: see
//           xla::DropoutDraws), loss_constants (f32, N x so many)
//   rate    the learning rate (f32)
//   report  gradient norm and whether the step was sound, 1 or 0 (f32, 2)
//
// State and sums are donated to the results of their place.

/// state, batch, rate -> state, each image's loss (f32, N), report.
xla::ProgramText step_program(const nn::Graph& graph, const StepPlan& plan);
/// sums, batch, weights -> sums with this part of the batch, each image's loss.
xla::ProgramText add_program(const nn::Graph& graph, const StepPlan& plan);
/// state, sums, rate -> state, zeros for new sums, report.
xla::ProgramText finish_program(const nn::Graph& graph, const StepPlan& plan);

}  // namespace diffusion
