// Compiled programs.
#pragma once
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "lib/xla/buffer.hpp"
#include "lib/xla/shape.hpp"
#include "lib/xla/signature.hpp"

namespace diffusion::xla {

/// A program as StableHLO's text, whose function `main` has that signature.
struct ProgramText {
  std::string text;
  Signature signature;
};

struct CompileOptions {
  int replicas = 1;
  std::vector<int> devices = {};  // of the client's, one for each replica; none: the first ones
  bool deterministic = true;      // the same bits in each run, at the price of time
};

class Client;

using Arguments = std::vector<Buffer*>;

class Executable {
 public:
  Executable() = default;

  const Signature& signature() const { return signature_; }
  int replicas() const { return int(devices_.size()); }
  /// The device of each replica.
  const std::vector<int>& devices() const { return devices_; }

  /// Begins a run on all replicas; the results are buffers that will be ready. Donated arguments
  /// are empty afterwards, also if it throws OutOfDeviceMemory or another Error of the plugin's.
  /// Throws Error before anything runs where counts, shapes, types or devices are not those of
  /// the program, an argument is empty, or a donated one is given twice. Failures during the run
  /// are told by those who read or await the results.
  std::vector<std::vector<Buffer>> run(std::span<const Arguments> by_replica) const;
  /// The same for one replica.
  std::vector<Buffer> run(const Arguments& arguments) const;

  /// Bytes for Client::load. Throws Unsupported or Error where the plugin can't.
  std::string serialize() const;

 private:
  friend class Client;
  using Objects = std::vector<std::vector<void*>>;  // the plugin's buffers, by replica

  Executable(Handle handle, Signature signature, std::vector<int> devices);
  void check_results() const;
  void check_arguments(std::span<const Arguments> by_replica) const;
  std::vector<Buffer> take_donated(std::span<const Arguments> by_replica) const;
  Objects execute(Objects& given) const;
  std::vector<std::vector<Buffer>> buffers_of(const Objects& got) const;

  Handle handle_;
  Signature signature_;
  std::vector<int> devices_;
  std::vector<std::int64_t> kept_;  // parameters that are not donated
};

}  // namespace diffusion::xla
