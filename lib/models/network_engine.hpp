// What runs the network of a model: the processor or devices, in what precision.
#pragma once
#include "lib/models/model.hpp"
#include "lib/models/network.hpp"

namespace diffusion {

struct NetworkEngine {
  NetworkMaker make = make_blank_network;
  nn::DType working = nn::DType::float32;  // for Network::compute_in
  bool on_device = false;                  // see Model
  std::size_t batches_at_once = 1;
};

/// Opens the device. Throws Error: no such device, or a precision that it or the processor lacks.
NetworkEngine network_engine(const ModelOptions& options);

}  // namespace diffusion
