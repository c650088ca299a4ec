// A network that is written down as a graph of layers, run by the devices of an XLA plugin.
#pragma once
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "lib/models/device_program.hpp"
#include "lib/models/network.hpp"
#include "lib/xla/executable_cache.hpp"

namespace diffusion {

struct NetworkDevice {
  std::shared_ptr<xla::Client> client;
  xla::Precision precision = xla::Precision::highest;  // of products of float32
  xla::BatchWatch watch = {};
};

/// Calls may come from several threads; each goes to the device with the fewest under way. A
/// program is compiled for each size of a batch and each device, but a batch that lacks less than
/// half of one that was compiled is filled up to that. Its tapes are for the derivative of the
/// input alone.
///
/// An image's output does not depend on what else is in its batch, but its last bits may depend on
/// the size that was compiled. Throws Error that names `batch` where a device's memory is too
/// small.
class DeviceNetwork final : public Network {
 public:
  /// All weights are zero.
  DeviceNetwork(Json config, nn::Graph graph, NetworkDevice engine);

  nn::Tensor forward(const nn::Tensor& x, std::span<const float> timesteps,
                     std::span<const int> labels, nn::Tape* tape) const override;
  nn::Tensor backward(const nn::Tensor& dy, nn::Tape& tape) const override;
  void compute_in(nn::DType type) override { type_ = type; }
  bool takes_whole_batches() const override { return true; }
  const Json& config() const override { return config_; }
  const nn::Graph* graph() const override { return &graph_; }

 private:
  /// Labels of all images where the network has classes.
  struct Batch {
    const nn::Tensor& x;
    std::vector<float> timesteps;
    std::vector<int> labels;
    const nn::Tensor* dy = nullptr;  // for a derivative
  };
  struct Weights {
    std::uint64_t version;
    std::vector<xla::Buffer> on;  // by device; empty where no call was yet
  };
  /// Empty until it is compiled.
  struct Compiled {
    std::mutex mutex;
    std::optional<xla::Executable> program = {};
  };
  /// A device, as long as a call is under way there.
  class Turn {
   public:
    explicit Turn(const DeviceNetwork& network);
    ~Turn();
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

    int device() const { return device_; }

   private:
    const DeviceNetwork& network_;
    int device_ = 0;
  };

  std::vector<int> checked(const nn::Tensor& x, std::span<const int> labels) const;
  nn::Tensor run(const Batch& batch) const;
  nn::Tensor run_on(int device, const Batch& batch) const;
  const xla::Executable& program_for(const DeviceBatch& batch, int device) const;
  std::pair<DeviceBatch, Compiled&> place_for(const DeviceBatch& batch, int device) const;
  DeviceBatch filled_up(const DeviceBatch& batch) const;
  std::shared_ptr<xla::Buffer> weights_on(int device) const;

  Json config_;
  nn::Graph graph_;
  NetworkDevice engine_;
  mutable std::mutex mutex_;                                               // of all that follows
  mutable std::map<std::pair<DeviceBatch, int>, Compiled> programs_ = {};  // by device
  mutable std::shared_ptr<Weights> weights_ = {};
  mutable std::vector<int> under_way_;  // calls, by device
};

}  // namespace diffusion
