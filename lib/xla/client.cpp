#include "lib/xla/client.hpp"

#include <algorithm>
#include <cassert>
#include <numeric>

#include "lib/base/text.hpp"
#include "lib/xla/compile_options.hpp"
#include "lib/xla/element_type.hpp"
#include "lib/xla/held_stderr.hpp"
#include "lib/xla/plugin_crash.hpp"

namespace diffusion::xla {
using pjrt::Slot;

namespace {

pjrt::NamedValue named(std::string_view name, bool value) {
  pjrt::NamedValue option{.name = name.data(), .name_size = name.size()};
  option.head = {sizeof option, nullptr};
  option.value.truth = value;
  return option;
}

pjrt::NamedValue named(std::string_view name, std::span<const std::int64_t> values) {
  pjrt::NamedValue option{
      .name = name.data(), .name_size = name.size(), .kind = pjrt::NamedValue::Kind::int64_list};
  option.head = {sizeof option, nullptr};
  option.value.list = values.data();
  option.count = values.size();
  return option;
}

void* create(const Plugin& plugin, std::span<const pjrt::NamedValue> options) {
  pjrt::ClientCreate create{.options = options.data(), .option_count = options.size()};
  plugin.call(Slot::client_create, create);
  return create.client;
}

/// Plugins of GPUs know these options, others may refuse them, and so get none. Those devices
/// alone that are asked for are opened, for each opened one costs memory.
void* create(const Plugin& plugin, const std::vector<int>& devices) {
  const std::vector<std::int64_t> numbers(devices.begin(), devices.end());
  std::vector options{named("preallocate", false)};
  if (!devices.empty()) options.push_back(named("visible_devices", numbers));
  try {
    return create(plugin, options);
  } catch (const Unsupported&) {
    return create(plugin, std::span<const pjrt::NamedValue>());
  }
}

Device described(const Plugin& plugin, void* handle) {
  pjrt::ObjectOf description{.object = handle};
  plugin.call(Slot::device_description, description);
  pjrt::NumberOf id{.object = description.got};
  plugin.call(Slot::description_id, id);
  pjrt::NumberOf hardware{.object = handle};
  plugin.call(Slot::device_hardware_id, hardware);
  return {.id = id.got,
          .hardware = hardware.got,
          .kind = plugin.text(Slot::description_kind, description.got),
          .description = plugin.text(Slot::description_text, description.got)};
}

}  // namespace

Client::Client(const Plugin& plugin, const ClientOptions& options)
    : plugin_(plugin),
      client_(plugin, nullptr, Slot::client_destroy, create(plugin, options.devices)) {
  platform_ = plugin.text(Slot::client_platform_name, client_.get());
  platform_version_ = plugin.text(Slot::client_platform_version, client_.get());
  pjrt::ListOf list{.object = client_.get()};
  plugin.call(Slot::client_addressable_devices, list);
  handles_.assign(list.got, list.got + list.count);
  for (void* handle : handles_) devices_.push_back(described(plugin, handle));
  if (!options.devices.empty()) choose_devices(options.devices);
  if (devices_.empty()) throw Error(plugin.name() + ": it finds no device");
}

void Client::choose_devices(const std::vector<int>& hardware) {
  std::vector<Device> devices;
  std::vector<void*> handles;
  for (const int wanted : hardware) {
    const auto found = std::ranges::find(devices_, wanted, &Device::hardware);
    if (found == devices_.end()) {
      std::vector<std::string> have;
      for (const Device& device : devices_) have.push_back(std::to_string(device.hardware));
      throw Error(plugin_.name() + ": there is no device " + std::to_string(wanted) +
                  " (have: " + join(have, ", ") + ")");
    }
    devices.push_back(*found);
    handles.push_back(handles_[std::size_t(found - devices_.begin())]);
  }
  devices_ = std::move(devices);
  handles_ = std::move(handles);
}

std::shared_ptr<Client> Client::open(const std::string& path, const ClientOptions& options) {
  const Plugin& plugin = Plugin::load(path);
  return quietly([&] {
    const StdoutAside aside;
    const NamedInCrashes named(plugin.name());
    return std::shared_ptr<Client>(new Client(plugin, options));
  });
}

std::optional<DeviceMemory> Client::memory(int device) const {
  pjrt::MemoryStats stats{.device = handles_.at(std::size_t(device))};
  try {
    plugin_.call(Slot::device_memory_stats, stats);
  } catch (const Unsupported&) {
    return std::nullopt;
  }
  DeviceMemory memory{.in_use = stats.in_use, .peak = {}, .limit = {}};
  if (stats.has_peak) memory.peak = stats.peak;
  if (stats.has_limit) memory.limit = stats.limit;
  return memory;
}

Buffer Client::upload(const void* data, const Shape& shape, int device) {
  pjrt::BufferFromHost copy{.client = client_.get(),
                            .data = data,
                            .type = element_type(shape.type),
                            .dims = shape.dims.data(),
                            .rank = shape.dims.size(),
                            .device = handles_.at(std::size_t(device))};
  plugin_.call(Slot::client_buffer_from_host, copy);
  Handle buffer(plugin_, shared_from_this(), Slot::buffer_destroy, copy.buffer);
  Pending(Handle(plugin_, shared_from_this(), Slot::event_destroy, copy.done)).await();
  return Buffer(std::move(buffer), shape, device);
}

std::vector<int> Client::devices_of(const CompileOptions& options) const {
  std::vector<int> devices = options.devices;
  if (devices.empty()) {
    devices.resize(std::size_t(options.replicas));
    std::iota(devices.begin(), devices.end(), 0);
  }
  assert(options.replicas == int(devices.size()));
  for (const int device : devices)
    if (device < 0 || device >= int(devices_.size()))
      throw Error(plugin_.name() + ": there is no device " + std::to_string(device) +
                  " for a replica: " + count_of(devices_.size(), "device") + " from 0 on");
  return devices;
}

std::vector<int> Client::device_ids(const CompileOptions& options) const {
  std::vector<int> ids;
  for (const int device : devices_of(options)) ids.push_back(devices_[std::size_t(device)].id);
  return ids;
}

Executable Client::compile(const ProgramText& program, const CompileOptions& options) {
  const std::string proto = compile_options_proto(options, device_ids(options), platform_);
  constexpr std::string_view format = "mlir";
  pjrt::Program code{.code = program.text.data(),
                     .size = program.text.size(),
                     .format = format.data(),
                     .format_size = format.size()};
  code.head = {sizeof code, nullptr};
  pjrt::Compile compile{.client = client_.get(),
                        .program = &code,
                        .options = proto.data(),
                        .options_size = proto.size()};
  quietly([&] { plugin_.call(Slot::client_compile, compile); });
  return made(compile.executable, program.signature, devices_of(options));
}

Executable Client::load(std::string_view serialized, const Signature& signature,
                        const CompileOptions& options) {
  const std::vector<int> devices = devices_of(options);
  pjrt::Load load{.client = client_.get(), .bytes = serialized.data(), .size = serialized.size()};
  {
    const HeldStderr held;
    plugin_.call(Slot::executable_load, load);
  }
  return made(load.executable, signature, devices);
}

Executable Client::made(void* loaded, const Signature& signature, std::vector<int> devices) {
  return Executable(Handle(plugin_, shared_from_this(), Slot::loaded_destroy, loaded), signature,
                    std::move(devices));
}

}  // namespace diffusion::xla
