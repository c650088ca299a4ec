// What computes: the kinds of devices, and which of them.
#pragma once
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/registry.hpp"
#include "lib/xla/client.hpp"
#include "lib/xla/plugin_files.hpp"

namespace diffusion::xla {

struct DeviceChoice {
  std::string name = "cpu";
  std::string plugin = "";        // its file; "": our own engine, on the processor
  std::vector<int> devices = {};  // by the hardware's numbers; none: all

  bool own_engine() const { return plugin.empty(); }
  bool operator==(const DeviceChoice&) const = default;
};

/// A row of the registry of kinds of devices.
struct DeviceFamily {
  std::string_view name, summary;
  DeviceChoice (*make)(Params&);

  static std::span<const Synonym> synonyms();
};

std::span<const DeviceFamily> device_families();

/// From "cpu", "cuda:devices=0:1", "xla:plugin=FILE". Nothing is opened but folders. Throws
/// Error: no such kind, no such parameter, or no plugin, saying what installs it.
DeviceChoice choose_device(std::string_view spec);

/// The spec where none is given: $DIFFUSION_DEVICE, or "cpu".
std::string default_device();

/// The devices of a choice that is not our own engine. Throws Error.
std::shared_ptr<Client> open_device(const DeviceChoice& choice);

/// For people: a line for each plugin, with its file, version, platform and devices, or why it
/// can't be used. Opens them, which may take seconds.
std::vector<std::string> plugin_lines(std::span<const PluginFile> plugins);

}  // namespace diffusion::xla
