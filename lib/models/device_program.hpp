// What a device runs of a network, as programs.
#pragma once
#include <compare>
#include <cstdint>

#include "lib/nn/graph.hpp"
#include "lib/xla/executable.hpp"
#include "lib/xla/program.hpp"

namespace diffusion {

/// What a program gives: what the network says, N x H x W x C, or the loss's derivative with
/// respect to the images.
enum class DeviceResult : std::uint8_t { prediction, image_derivative };

/// What a program is made for.
struct DeviceBatch {
  DeviceResult result = DeviceResult::prediction;
  nn::DType working = nn::DType::float32;  // of activations and products
  std::int64_t height = 1, width = 1, images = 1;

  auto operator<=>(const DeviceBatch&) const = default;
};

/// Parameters: the weights' flat array; the images; the sinusoids of each such layer, in their
/// order; where the network has classes the labels (s32, N; -1: none); for a derivative that of the
/// loss with respect to what the network says. The rest is f32. Throws Error as Graph::sizes does.
xla::ProgramText device_program(const nn::Graph& graph, const DeviceBatch& batch,
                                xla::Precision precision);

}  // namespace diffusion
