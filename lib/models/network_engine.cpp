#include "lib/models/network_engine.hpp"

#include "lib/base/error.hpp"
#include "lib/models/device_network.hpp"
#include "lib/xla/device.hpp"

namespace diffusion {
namespace {

/// While a device computes, the processor readies the next batch.
constexpr std::size_t batches_a_device = 2;

nn::DType working_type(NetworkPrecision precision) {
  return precision == NetworkPrecision::bf16 ? nn::DType::bfloat16 : nn::DType::float32;
}

NetworkEngine processor_engine(NetworkPrecision precision) {
  if (precision == NetworkPrecision::tf32)
    throw Error(
        "`precision` tf32 is for devices; on the processor say `precision` float32 or bf16");
  return {.working = working_type(precision)};
}

NetworkEngine device_engine(NetworkPrecision precision, NetworkDevice engine) {
  if (precision == NetworkPrecision::tf32) engine.precision = xla::Precision::standard;
  const std::size_t devices = engine.client->devices().size();
  const auto make = [engine = std::move(engine)](const Json& config, NetworkRows rows) {
    return std::make_unique<DeviceNetwork>(config, network_row(config, rows).graph(config), engine);
  };
  return {.make = make,
          .working = working_type(precision),
          .on_device = true,
          .batches_at_once = batches_a_device * devices};
}

}  // namespace

std::optional<NetworkPrecision> parse_network_precision(std::string_view name) {
  if (name == "float32") return NetworkPrecision::float32;
  if (name == "tf32") return NetworkPrecision::tf32;
  if (name == "bf16") return NetworkPrecision::bf16;
  return std::nullopt;
}

NetworkEngine network_engine(const ModelOptions& options) {
  const EngineOptions& engine = options.engine;
  const auto precision = options.precision.value_or(NetworkPrecision::float32);
  const xla::DeviceChoice choice =
      xla::choose_device(engine.device.empty() ? engine.usual_device : engine.device);
  if (choice.own_engine()) return processor_engine(precision);
  return device_engine(precision, {.client = xla::open_device(choice), .watch = engine.watch});
}

}  // namespace diffusion
