// What is used of PJRT, the C interface of XLA's plugins: a table of functions, each of which
// takes one struct. A struct begins with its size and is only ever appended to, so these are
// declared as far as they are needed; `Plugin::call` adds zeros for what later versions append.
// Source: the OpenXLA project's header of the interface, versions 0.54 to 0.106.
#pragma once
#include <cstddef>
#include <cstdint>

namespace diffusion::xla::pjrt {

/// Places in the table, which never move.
enum class Slot {
  error_destroy = 0,
  error_message = 1,
  error_code = 2,
  plugin_initialize = 3,
  event_destroy = 5,
  event_await = 8,
  client_create = 10,
  client_destroy = 11,
  client_platform_name = 12,
  client_platform_version = 14,
  client_addressable_devices = 16,
  client_compile = 20,
  client_buffer_from_host = 22,
  description_id = 23,
  description_kind = 26,
  description_text = 28,
  device_description = 29,
  device_hardware_id = 31,
  device_memory_stats = 34,
  executable_destroy = 40,
  executable_output_count = 44,
  executable_serialize = 49,
  loaded_destroy = 50,
  loaded_executable = 51,
  loaded_execute = 55,
  executable_load = 56,
  buffer_destroy = 58,
  buffer_to_host = 70,
  buffer_ready = 72,
  executable_output_types = 90,
  executable_output_dims = 91,
};
inline constexpr std::size_t slots_needed = 92;

/// The first version that has all of them with the structs below.
inline constexpr int oldest_minor = 54;

struct Head {
  std::size_t size = 0;
  void* extension = nullptr;
};

struct Table {
  Head head = {};
  Head version_head = {};
  int major = 0, minor = 0;
  void (*function[slots_needed])() = {};
};

enum class Code : int { invalid_argument = 3, resource_exhausted = 8, unimplemented = 12 };

/// Element types as the interface numbers them.
enum class ElementType : int { pred = 1, s32 = 4, u32 = 8, f32 = 11, bf16 = 13 };

struct NamedValue {
  enum class Kind : int { string, int64, int64_list, float32, boolean };
  Head head = {};
  const char* name = nullptr;
  std::size_t name_size = 0;
  Kind kind = Kind::boolean;
  union {
    const std::int64_t* list;
    float number;
    bool truth;
  } value = {nullptr};
  std::size_t count = 1;  // of a list's elements
};

// Arguments of the functions. What follows the first pointer is given or, where it says so, got.

/// Of all functions that take one object and give nothing.
struct OneObject {
  Head head = {};
  void* object = nullptr;
};
/// Of functions that give another object.
struct ObjectOf {
  Head head = {};
  void* object = nullptr;
  void* got = nullptr;
};
struct NumberOf {
  Head head = {};
  void* object = nullptr;
  int got = 0;
};
struct CountOf {
  Head head = {};
  void* object = nullptr;
  std::size_t got = 0;
};
/// Of functions that give text, which lives as long as the object.
struct TextOf {
  Head head = {};
  void* object = nullptr;
  const char* text = nullptr;
  std::size_t size = 0;
};
struct ListOf {
  Head head = {};
  void* object = nullptr;
  void* const* got = nullptr;
  std::size_t count = 0;
};

struct ClientCreate {
  Head head = {};
  const NamedValue* options = nullptr;
  std::size_t option_count = 0;
  void* callbacks[4] = {};  // of programs on several machines
  void* client = nullptr;   // got
};

struct MemoryStats {
  Head head = {};
  void* device = nullptr;
  std::int64_t in_use = 0;  // this and all below: got
  std::int64_t peak = 0;
  bool has_peak = false;
  std::int64_t allocations = 0;
  bool has_allocations = false;
  std::int64_t largest = 0;
  bool has_largest = false;
  std::int64_t limit = 0;
  bool has_limit = false;
  std::byte others[112] = {};
};

struct Program {
  Head head = {};
  const char* code = nullptr;
  std::size_t size = 0;
  const char* format = nullptr;
  std::size_t format_size = 0;
};
struct Compile {
  Head head = {};
  void* client = nullptr;
  const Program* program = nullptr;
  const char* options = nullptr;  // a serialised CompileOptionsProto
  std::size_t options_size = 0;
  void* executable = nullptr;  // got
};

struct BufferFromHost {
  Head head = {};
  void* client = nullptr;
  const void* data = nullptr;
  ElementType type = ElementType::f32;
  const std::int64_t* dims = nullptr;
  std::size_t rank = 0;
  const std::int64_t* strides = nullptr;  // none: dense, rows first
  std::size_t stride_count = 0;
  int semantics = 0;  // 0: the data is read during the call alone
  void* device = nullptr;
  void* memory = nullptr;
  void* layout = nullptr;
  void* done = nullptr;    // got: an event
  void* buffer = nullptr;  // got
};
struct BufferToHost {
  Head head = {};
  void* buffer = nullptr;
  void* layout = nullptr;
  void* data = nullptr;
  std::size_t size = 0;
  void* done = nullptr;  // got: an event
};

struct ExecuteOptions {
  Head head = {};
  void *send_callbacks = nullptr, *receive_callbacks = nullptr;
  std::size_t sends = 0, receives = 0;
  int launch = 0;
  const std::int64_t* kept = nullptr;  // parameters whose buffers are not donated
  std::size_t kept_count = 0;
  std::byte later[192] = {};
};
struct Execute {
  Head head = {};
  void* executable = nullptr;
  ExecuteOptions* options = nullptr;
  void* const* const* arguments = nullptr;  // by device
  std::size_t devices = 0, argument_count = 0;
  void** const* results = nullptr;  // by device; these places are filled
  void** done = nullptr;            // none, or places for an event of each device
  void* device = nullptr;
};

struct OutputTypes {
  Head head = {};
  void* executable = nullptr;
  const ElementType* types = nullptr;  // got
  std::size_t count = 0;               // got
};
struct OutputDims {
  Head head = {};
  void* executable = nullptr;
  std::size_t count = 0;
  const std::int64_t* dims = nullptr;  // got: of all outputs, one after the other
  const std::size_t* ranks = nullptr;  // got
};

struct Serialize {
  Head head = {};
  void* executable = nullptr;
  const char* bytes = nullptr;  // got, and all below
  std::size_t size = 0;
  void* holder = nullptr;
  void (*delete_holder)(void*) = nullptr;
};
struct Load {
  Head head = {};
  void* client = nullptr;
  const char* bytes = nullptr;
  std::size_t size = 0;
  void* executable = nullptr;     // got
  const char* options = nullptr;  // none: those it was compiled with
  std::size_t options_size = 0;
};

}  // namespace diffusion::xla::pjrt
