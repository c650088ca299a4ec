#include "lib/tensor/formats/torch_file.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <functional>
#include <optional>
#include <set>

#include "lib/base/error.hpp"
#include "lib/base/file_kind.hpp"
#include "lib/base/text.hpp"
#include "lib/tensor/formats/pickle.hpp"
#include "lib/tensor/formats/zip.hpp"

namespace diffusion {
namespace {

static_assert(std::endian::native == std::endian::little, "data is used as it lies in the file");

using Kind = PickleValue::Kind;
using enum SafetensorsType;

constexpr int deepest = 64;  // of tensors in dictionaries and modules

struct StorageType {
  std::string_view name;
  SafetensorsType type;
};
constexpr std::array<StorageType, 10> storage_types = {{{"torch.FloatStorage", float32},
                                                        {"torch.DoubleStorage", float64},
                                                        {"torch.HalfStorage", float16},
                                                        {"torch.BFloat16Storage", bfloat16},
                                                        {"torch.LongStorage", int64},
                                                        {"torch.IntStorage", int32},
                                                        {"torch.ShortStorage", int16},
                                                        {"torch.CharStorage", int8},
                                                        {"torch.ByteStorage", uint8},
                                                        {"torch.BoolStorage", boolean}}};

/// Checkpoints often hold the arguments of their training, a Namespace.
bool is_state_global(std::string_view name) {
  constexpr std::array<std::string_view, 6> known = {"collections.OrderedDict",
                                                     "torch._utils._rebuild_tensor",
                                                     "torch._utils._rebuild_tensor_v2",
                                                     "torch._utils._rebuild_parameter",
                                                     "torch.Size",
                                                     "argparse.Namespace"};
  return std::ranges::find(known, name) != known.end() ||
         std::ranges::find(storage_types, name, &StorageType::name) != storage_types.end();
}

/// TorchScript's modules are records of attributes; its lists carry their type.
bool is_script_global(std::string_view name) {
  return is_state_global(name) || name.starts_with("__torch__.") ||
         name.starts_with("torch.jit._pickle.") || name == "torch.device";
}

/// Where the data of storages lies.
struct Storage {
  SafetensorsType type = float32;
  std::uint64_t begin = 0, count = 0;  // of bytes in the file; of elements
};
using Storages = std::map<std::string, Storage, std::less<>>;

class TorchReader {
 public:
  explicit TorchReader(const RandomAccessFile& file) : file_(file) {}

  std::vector<TorchEntry> read() {
    const FileKind kind = kind_of_file(file_);
    if (kind == FileKind::torch_stream)
      read_stream();
    else if (kind == FileKind::zip)
      read_archive();
    else
      refuse_other(kind);
    return std::move(entries_);
  }

 private:
  [[noreturn]] void refuse_other(FileKind kind) const {
    refuse_known_kind(kind, name(), "a file of PyTorch");
    throw Error(name() + ": not a file of PyTorch (neither a zip archive nor its older stream)");
  }
  const std::string& name() const { return file_.name(); }
  [[noreturn]] void refuse(const std::string& why) const {
    throw Error(name() + ": not a sound file of PyTorch: " + why);
  }

  /// NAME/data.pkl, NAME/data/KEY, and in TorchScript NAME/code/.
  void read_archive() {
    const ZipFile zip(file_, "archive of PyTorch");
    constexpr std::string_view pickle_name = "/data.pkl";
    const auto found = std::ranges::find_if(zip.members(), [&](const auto& member) {
      return member.first.find('/') + pickle_name.size() == member.first.size() &&
             member.first.ends_with(pickle_name);
    });
    if (found == zip.members().end()) refuse("the archive has no data.pkl");
    const std::string prefix = found->first.substr(0, found->first.find('/') + 1);
    const auto& members = zip.members();
    if (const auto order = members.find(prefix + "byteorder"); order != members.end())
      if (zip.unpack(order->second, name()) != "little") refuse("its byte order is not little");
    const bool script = std::ranges::any_of(
        members, [&](const auto& member) { return member.first.starts_with(prefix + "code/"); });
    const std::string text = zip.unpack(found->second, name() + ": data.pkl");
    std::string_view bytes = text;
    const Pickle pickle(bytes, name(), script ? is_script_global : is_state_global);
    find_storages(pickle);
    for (auto& [key, storage] : storages_) place_in_archive(zip, prefix + "data/" + key, storage);
    add(pickle.root(), "", 0);
  }

  void place_in_archive(const ZipFile& zip, const std::string& member_name, Storage& storage) {
    const auto member = zip.members().find(member_name);
    if (member == zip.members().end()) refuse("the archive has no " + printable(member_name));
    const std::string culprit = name() + ": " + printable(member_name);
    storage.begin = zip.data_of(member->second, culprit);
    const std::uint64_t each = bytes_per_element(storage.type);
    if (!member->second.is_stored() || storage.count > member->second.packed / each)
      throw Error(culprit + ": not the " + std::to_string(storage.count) + " elements of " +
                  std::to_string(each) + " bytes that the pickle tells of");
  }

  /// Five pickles (magic, version, system, tensors, keys of storages), then each
  /// storage as its number of elements (i64) and its data.
  void read_stream() {
    std::string whole(std::size_t(file_.size()), '\0');
    file_.read(0, whole.data(), whole.size());
    std::string_view rest = whole;
    const auto next = [&] { return Pickle(rest, name(), is_state_global); };
    next();
    next();
    check_system(next().root());
    const Pickle tensors = next(), keys = next();
    find_storages(tensors);
    for (const PickleValue* key : keys.root().items) {
      const auto storage = storages_.find(key->text);
      if (!key->is(Kind::text) || storage == storages_.end())
        refuse("it has a storage that no tensor uses");
      place_in_stream(whole, rest, storage->second);
    }
    const bool all_placed =
        std::ranges::all_of(storages_, [](const auto& s) { return s.second.begin > 0; });
    if (!all_placed) refuse("a tensor's storage is missing");
    add(tensors.root(), "", 0);
  }

  void place_in_stream(std::string_view whole, std::string_view& rest, Storage& storage) {
    std::uint64_t count = 0;
    if (rest.size() < sizeof count) refuse("truncated");
    std::memcpy(&count, rest.data(), sizeof count);
    rest.remove_prefix(sizeof count);
    const std::uint64_t each = bytes_per_element(storage.type);
    if (count != storage.count)
      refuse("a storage of " + std::to_string(count) + " elements where " +
             std::to_string(storage.count) + " are told of");
    if (count > rest.size() / each)
      refuse("truncated: a storage of " + std::to_string(count) + " elements, and " +
             std::to_string(rest.size()) + " bytes are left");
    storage.begin = whole.size() - rest.size();
    rest.remove_prefix(std::size_t(count * each));
  }

  void check_system(const PickleValue& system) const {
    for (std::size_t i = 0; i + 1 < system.items.size(); i += 2)
      if (system.items[i]->text == "little_endian" && system.items[i + 1]->integer == 0)
        refuse("its byte order is not little");
  }

  /// Persistent objects are ("storage", type, key, location, elements[, view]).
  void find_storages(const Pickle& pickle) {
    for (const PickleValue& value : pickle.values()) {
      if (!value.is(Kind::persistent)) continue;
      const auto& fields = value.items[0]->items;
      const auto type = fields.size() < 5
                            ? storage_types.end()
                            : std::ranges::find(storage_types, fields[1]->text, &StorageType::name);
      if (type == storage_types.end() || fields[4]->integer < 0)
        refuse("a storage that is not told of as one");
      if (fields.size() > 5 && !fields[5]->is(Kind::none))
        refuse("a view of a storage, as only versions before 0.4 wrote");
      const Storage storage{type->type, 0, std::uint64_t(fields[4]->integer)};
      const auto [known, added] = storages_.emplace(fields[2]->text, storage);
      if (!added && (known->second.type != storage.type || known->second.count != storage.count))
        refuse("the storage '" + printable(fields[2]->text) + "' in two descriptions");
    }
  }

  void add(const PickleValue& value, const std::string& path, int depth) {
    if (depth > deepest) refuse("tensors more than " + std::to_string(deepest) + " levels deep");
    const auto below = [&](const std::string& key) {
      return path.empty() ? key : path + "." + key;
    };
    const std::string_view callee = value.callee();
    if (callee.starts_with("torch._utils._rebuild_tensor")) return add_tensor(value, path);
    if (callee == "torch._utils._rebuild_parameter") {
      if (value.items[1]->items.empty()) refuse("a parameter of nothing");
      return add(*value.items[1]->items[0], path, depth + 1);
    }
    // What stands in two places is taken at the first: circles end.
    if (!visited_.insert(&value).second) return;
    const auto add_entries = [&](const std::vector<PickleValue*>& entries) {
      for (std::size_t i = 0; i + 1 < entries.size(); i += 2)
        add(*entries[i + 1], below(entries[i]->text), depth + 1);
    };
    if (value.is(Kind::dictionary)) add_entries(value.items);
    if (value.is(Kind::call)) add_entries(value.entries);
    if (callee.starts_with("__torch__.") && value.state) add(*value.state, path, depth + 1);
    if (value.is(Kind::tuple))
      for (std::size_t i = 0; i < value.items.size(); ++i)
        add(*value.items[i], below(std::to_string(i)), depth + 1);
  }

  std::vector<std::size_t> extents(const PickleValue& value, const std::string& path) const {
    // torch.Size(sequence) is a call.
    const auto& items = value.is(Kind::call) && !value.items[1]->items.empty()
                            ? value.items[1]->items[0]->items
                            : value.items;
    std::vector<std::size_t> out;
    for (const PickleValue* item : items) {
      if (!item->is(Kind::integer) || item->integer < 0)
        refuse("the tensor '" + printable(path) + "' has an extent that is not a whole number");
      out.push_back(std::size_t(item->integer));
    }
    return out;
  }

  /// (storage, offset, shape, strides ...)
  void add_tensor(const PickleValue& call, const std::string& path) {
    const std::string what = "the tensor '" + printable(path) + "'";
    const auto& fields = call.items[1]->items;
    if (fields.size() < 4 || !fields[0]->is(Kind::persistent) || fields[1]->integer < 0)
      refuse(what + " is not told of as one");
    const Storage& storage = storages_.find(fields[0]->items[0]->items[2]->text)->second;
    TorchEntry entry{path, storage.type, extents(*fields[2], path), extents(*fields[3], path)};
    if (entry.shape.size() != entry.strides.size() || entry.shape.size() > deepest)
      refuse(what + " has " + std::to_string(entry.shape.size()) + " axes and " +
             std::to_string(entry.strides.size()) + " strides");
    const auto first = std::uint64_t(fields[1]->integer);
    const std::optional<std::uint64_t> span = span_of(entry);
    if (!span || first > storage.count || *span > storage.count - first)
      refuse(what + " does not lie inside its storage of " + std::to_string(storage.count) +
             " elements");
    entry.span = std::size_t(*span);
    entry.offset = storage.begin + first * bytes_per_element(storage.type);
    entries_.push_back(std::move(entry));
  }

  /// Elements from the first to the last, or nothing where that leaves 64 bits or
  /// there are more elements than that.
  static std::optional<std::uint64_t> span_of(const TorchEntry& entry) {
    std::uint64_t span = 1, count = 1;
    for (const std::size_t extent : entry.shape)
      if (extent == 0) return 0;
    for (std::size_t i = 0; i < entry.shape.size(); ++i) {
      std::uint64_t reach = 0;
      if (__builtin_mul_overflow(entry.shape[i] - 1, entry.strides[i], &reach) ||
          __builtin_add_overflow(span, reach, &span) ||
          __builtin_mul_overflow(count, entry.shape[i], &count))
        return std::nullopt;
    }
    if (count > span) return std::nullopt;
    return span;
  }

  const RandomAccessFile& file_;
  Storages storages_;
  std::set<const PickleValue*> visited_;
  std::vector<TorchEntry> entries_;
};

/// Copies the elements of `from`, which lie `strides` apart, to `out` in order.
void gather(const TorchEntry& entry, std::size_t axis, const float* from, float*& out) {
  if (axis == entry.shape.size()) {
    *out++ = *from;
    return;
  }
  for (std::size_t i = 0; i < entry.shape[axis]; ++i)
    gather(entry, axis + 1, from + i * entry.strides[axis], out);
}

bool is_dense(const TorchEntry& entry) {
  std::size_t stride = 1;
  for (std::size_t axis = entry.shape.size(); axis-- > 0; stride *= entry.shape[axis])
    if (entry.shape[axis] != 1 && entry.strides[axis] != stride) return false;
  return true;
}

}  // namespace

std::size_t TorchEntry::count() const {
  std::size_t product = 1;
  for (const std::size_t extent : shape) product *= extent;
  return product;
}

TorchFile::TorchFile(RandomAccessFile file) : file_(std::move(file)) {
  entries_ = TorchReader(file_).read();
}

void TorchFile::read(const TorchEntry& entry, std::span<float> out) const {
  if (entry.span == 0) return;
  std::string bytes(entry.span * bytes_per_element(entry.type), '\0');
  file_.read(entry.offset, bytes.data(), bytes.size());
  if (is_dense(entry)) return convert_to_float32(entry.type, bytes, out);
  std::vector<float> window(entry.span);
  convert_to_float32(entry.type, bytes, window);
  float* to = out.data();
  gather(entry, 0, window.data(), to);
}

}  // namespace diffusion
