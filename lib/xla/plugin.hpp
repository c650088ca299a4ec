// An XLA plugin: a shared library with a table of functions (`pjrt_api.hpp`).
#pragma once
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include "lib/base/error.hpp"
#include "lib/xla/pjrt_api.hpp"

namespace diffusion::xla {

/// A program or its arrays do not fit in a device's memory.
class OutOfDeviceMemory : public Error {
 public:
  using Error::Error;
};

/// A plugin's word that it can't do a thing, or not with such options.
class Unsupported : public Error {
 public:
  using Error::Error;
};

/// Once loaded it stays until the program ends.
class Plugin {
 public:
  /// Throws Error where the file is missing, not a plugin or too old.
  static const Plugin& load(const std::string& path);

  const std::string& path() const { return path_; }
  /// "xla_cuda_plugin.so", which opens messages.
  std::string name() const;
  /// The interface that it speaks: "0.106".
  std::string version() const;

  /// Calls a function of the table. Throws OutOfDeviceMemory, Unsupported or Error, with the first
  /// line of what the plugin says.
  template <class Arguments>
  void call(pjrt::Slot slot, Arguments& arguments) const {
    static_assert(std::is_trivially_copyable_v<Arguments>);
    struct {
      Arguments arguments;
      std::byte later[64];  // zeros, the defaults of what later versions append
    } sent{arguments, {}};
    sent.arguments.head = {sizeof sent, nullptr};
    check(call_raw(slot, &sent));
    arguments = sent.arguments;
  }

  /// Text that a function of the table gives of an object.
  std::string text(pjrt::Slot slot, void* object) const;

  /// Frees an object by the function of that place. Errors of that are nobody's.
  void destroy(pjrt::Slot slot, void* object) const noexcept;

 private:
  Plugin(std::string path, const pjrt::Table* table) : path_(std::move(path)), table_(table) {}
  void* call_raw(pjrt::Slot slot, void* arguments) const;
  void check(void* error) const;

  std::string path_;
  const pjrt::Table* table_;
};

/// An object of a plugin that is ours to free, and what has to live as long.
class Handle {
 public:
  Handle() = default;
  Handle(const Plugin& plugin, std::shared_ptr<const void> keep, pjrt::Slot destroy, void* object)
      : plugin_(&plugin), keep_(std::move(keep)), destroy_(destroy), object_(object) {}
  Handle(Handle&& other) noexcept { swap(other); }
  Handle& operator=(Handle&& other) noexcept {
    Handle(std::move(other)).swap(*this);
    return *this;
  }
  ~Handle() {
    if (object_) plugin_->destroy(destroy_, object_);
  }

  explicit operator bool() const { return object_; }
  void* get() const { return object_; }
  const Plugin& plugin() const { return *plugin_; }
  const std::shared_ptr<const void>& keep() const { return keep_; }

 private:
  void swap(Handle& other) noexcept {
    std::swap(plugin_, other.plugin_);
    std::swap(keep_, other.keep_);
    std::swap(destroy_, other.destroy_);
    std::swap(object_, other.object_);
  }

  const Plugin* plugin_ = nullptr;
  std::shared_ptr<const void> keep_;
  pjrt::Slot destroy_ = {};
  void* object_ = nullptr;
};

}  // namespace diffusion::xla
