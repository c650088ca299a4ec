// The devices of one plugin, and what is done with them.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/xla/buffer.hpp"
#include "lib/xla/executable.hpp"
#include "lib/xla/plugin.hpp"

namespace diffusion::xla {

struct ClientOptions {
  std::vector<int> devices = {};  // by the hardware's numbers; none: all
};

struct Device {
  int id = 0;        // the plugin's, unique among all
  int hardware = 0;  // the hardware's number: CUDA's ordinal
  std::string kind;  // "NVIDIA H100 80GB HBM3"
  std::string description;
};

/// In bytes.
struct DeviceMemory {
  std::int64_t in_use = 0;
  std::optional<std::int64_t> peak, limit;
};

/// Devices are meant by their places in devices(). Buffers and executables keep it alive. All that
/// call a plugin may throw OutOfDeviceMemory or Error.
class Client : public std::enable_shared_from_this<Client> {
 public:
  /// Where a plugin takes most of a device's memory at once by default, it is told not to.
  /// Throws Error: no such file, not a plugin, too old, no (such) device.
  static std::shared_ptr<Client> open(const std::string& plugin, const ClientOptions& options = {});

  const Plugin& plugin() const { return plugin_; }
  /// "cpu", "cuda", "rocm", "tpu".
  const std::string& platform() const { return platform_; }
  const std::string& platform_version() const { return platform_version_; }
  /// Those that were chosen, in that order.
  const std::vector<Device>& devices() const { return devices_; }
  /// The plugin's numbers of the devices that a program would be compiled for, by replica.
  std::vector<int> device_ids(const CompileOptions& options) const;
  /// None where the plugin does not count.
  std::optional<DeviceMemory> memory(int device) const;

  /// Dense data, rows first, which may change once this returns.
  Buffer upload(const void* data, const Shape& shape, int device = 0);

  /// Throws Error also where the results are not those of the signature.
  Executable compile(const ProgramText& program, const CompileOptions& options = {});

  /// What Executable::serialize gave in a program of the same plugin, platform version and kind of
  /// device; other bytes may end the process.
  Executable load(std::string_view serialized, const Signature& signature,
                  const CompileOptions& options = {});

 private:
  Client(const Plugin& plugin, const ClientOptions& options);
  void choose_devices(const std::vector<int>& hardware);
  std::vector<int> devices_of(const CompileOptions& options) const;
  Executable made(void* loaded, const Signature& signature, std::vector<int> devices);

  const Plugin& plugin_;
  Handle client_;
  std::string platform_, platform_version_;
  std::vector<Device> devices_;
  std::vector<void*> handles_;  // of devices
};

}  // namespace diffusion::xla
