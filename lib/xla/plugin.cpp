#include "lib/xla/plugin.hpp"

#include <dlfcn.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <mutex>

#include "lib/base/shared_library.hpp"
#include "lib/base/text.hpp"
#include "lib/xla/held_stderr.hpp"
#include "lib/xla/plugin_crash.hpp"

namespace diffusion::xla {
namespace fs = std::filesystem;
using pjrt::Slot;

namespace {

std::string first_line(std::string_view text) { return printable(text.substr(0, text.find('\n'))); }

void* open_library(const std::string& path) {
  std::error_code none;
  if (!fs::exists(path, none)) throw Error(path + ": there is no such XLA plugin");
  if (fs::is_directory(path, none)) throw Error(path + ": a folder, not an XLA plugin");
  if (!fs::is_regular_file(path, none))
    throw Error(path + ": a pipe or a device, not an XLA plugin");
  if (library_cut_off(path)) throw Error(path + ": not an XLA plugin (the file is cut off)");
  setenv("TF_CPP_MIN_LOG_LEVEL", "3", 0);
  // With a '/', for the loader looks for bare names elsewhere.
  const std::string file = fs::absolute(path).string();
  void* const library = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library) throw Error(path + ": not an XLA plugin (" + printable(loaders_reason(file)) + ")");
  return library;
}

void check_version(const std::string& path, const pjrt::Table& table) {
  const std::string needed = "0." + std::to_string(pjrt::oldest_minor);
  const std::string spoken = std::to_string(table.major) + "." + std::to_string(table.minor);
  if (table.major != 0)
    throw Error(path + ": speaks PJRT " + spoken + ", a version 0 from " + needed + " is needed");
  if (table.minor < pjrt::oldest_minor || table.head.size < sizeof table)
    throw Error(path + ": speaks PJRT " + spoken + ", " + needed + " or newer is needed");
}

const pjrt::Table* table_of(const std::string& path, void* library) {
  void* const symbol = dlsym(library, "GetPjrtApi");
  if (!symbol) throw Error(path + ": not an XLA plugin: it has no GetPjrtApi");
  name_plugin_in_crashes(symbol, fs::path(path).filename().string());
  const auto* const table = reinterpret_cast<const pjrt::Table* (*)()>(symbol)();
  if (!table) throw Error(path + ": the XLA plugin gives no table of functions");
  check_version(path, *table);
  return table;
}

}  // namespace

const Plugin& Plugin::load(const std::string& path) {
  static std::mutex mutex;
  static std::map<const pjrt::Table*, Plugin> loaded;  // a plugin may be initialised but once
  const std::lock_guard lock(mutex);
  return quietly([&]() -> const Plugin& {
    const StdoutAside aside;
    const NamedInCrashes named(fs::path(path).filename().string());
    const pjrt::Table* const table = table_of(path, open_library(path));
    const auto [at, added] = loaded.emplace(table, Plugin(path, table));
    name_plugin_in_crashes(reinterpret_cast<const void*>(table->function[0]), at->second.name());
    if (!added) return at->second;
    try {
      pjrt::OneObject nothing;
      at->second.call(Slot::plugin_initialize, nothing);
    } catch (const Error&) {
      loaded.erase(at);
      throw;
    }
    return at->second;
  });
}

std::string Plugin::name() const { return fs::path(path_).filename().string(); }

std::string Plugin::version() const {
  return std::to_string(table_->major) + "." + std::to_string(table_->minor);
}

void* Plugin::call_raw(Slot slot, void* arguments) const {
  const auto function = table_->function[int(slot)];
  if (!function) throw Unsupported(name() + ": the XLA plugin lacks a function that is needed");
  return reinterpret_cast<void* (*)(void*)>(function)(arguments);
}

void Plugin::check(void* error) const {
  if (!error) return;
  const auto call_void = [&](Slot slot, auto& arguments) {
    arguments.head = {sizeof arguments, nullptr};
    reinterpret_cast<void (*)(void*)>(table_->function[int(slot)])(&arguments);
  };
  pjrt::TextOf said{.object = error};
  call_void(Slot::error_message, said);
  const std::string message = name() + ": " + first_line({said.text, said.size});
  pjrt::NumberOf code{.object = error};
  code.head = {sizeof code, nullptr};
  call_raw(Slot::error_code, &code);
  pjrt::OneObject done{.object = error};
  call_void(Slot::error_destroy, done);
  if (code.got == int(pjrt::Code::resource_exhausted)) throw OutOfDeviceMemory(message);
  if (code.got == int(pjrt::Code::invalid_argument) || code.got == int(pjrt::Code::unimplemented))
    throw Unsupported(message);
  throw Error(message);
}

std::string Plugin::text(Slot slot, void* object) const {
  pjrt::TextOf said{.object = object};
  call(slot, said);
  return {said.text, said.size};
}

void Plugin::destroy(Slot slot, void* object) const noexcept {
  try {
    pjrt::OneObject done{.object = object};
    call(slot, done);
  } catch (const std::exception&) {  // there is nobody who could do anything about it
  }
}

}  // namespace diffusion::xla
