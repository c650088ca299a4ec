#include "lib/fid/features/inception_weights.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <optional>

#include "lib/base/error.hpp"
#include "lib/base/parallel.hpp"
#include "lib/base/sha256.hpp"
#include "lib/base/text.hpp"
#include "lib/tensor/finite.hpp"
#include "lib/tensor/tensor.hpp"

namespace diffusion {
namespace {

using Extents = std::vector<std::size_t>;
using Tensors = std::map<std::string, WeightTensor>;

/// TorchScript's "layers.mixed.tower.conv.beta" under PyTorch's name, or nothing.
std::optional<std::string> name_from_script(const WeightTensor& tensor) {
  std::string name = tensor.name;
  if (name.starts_with("output.")) return "fc." + name.substr(7);
  if (!name.starts_with("layers.")) return std::nullopt;
  name.erase(0, 7);
  std::ranges::replace(name, '.', '_');
  const InceptionUnit* best = nullptr;
  for (const InceptionUnit& unit : inception_units())
    if (name.starts_with(unit.script + "_") && (!best || unit.script.size() > best->script.size()))
      best = &unit;
  if (!best) return std::nullopt;
  const std::string leaf = name.substr(best->script.size() + 1);
  const auto has = [&](const char* word) { return leaf.find(word) != leaf.npos; };
  if (has("mean")) return best->name + ".bn.running_mean";
  if (has("var")) return best->name + ".bn.running_var";
  if (has("beta") || has("bias")) return best->name + ".bn.bias";
  if (has("gamma") || tensor.shape.size() == 1) return best->name + ".bn.weight";
  return best->name + ".conv.weight";
}

std::string sha256_of(const std::vector<float>& values) {
  Sha256 hash;
  hash.add({reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)});
  return hash.finish();
}

bool is_counter(const std::string& name) { return name.ends_with("num_batches_tracked"); }

Tensors by_name(std::vector<WeightTensor> all, const std::string& path) {
  const bool script = std::ranges::any_of(
      all, [](const WeightTensor& tensor) { return tensor.name.starts_with("layers."); });
  Tensors tensors;
  for (WeightTensor& tensor : all) {
    if (is_counter(tensor.name)) continue;
    const std::string name = script ? name_from_script(tensor).value_or(tensor.name) : tensor.name;
    if (!tensors.emplace(name, tensor).second)
      throw Error(path + ": the tensor '" + printable(tensor.name) + "' occurs twice");
  }
  return tensors;
}

/// What is wrong with a network, in the words for its message.
class Check {
 public:
  Check(const Tensors& tensors, const std::string& path) : tensors_(tensors), path_(path) {}

  void run() {
    refuse_torchvision();
    for (const InceptionUnit& unit : inception_units()) {
      const nn::ConvolutionShape& shape = unit.shape;
      const Extents channels = {std::size_t(shape.out)};
      expect(unit.name + ".conv.weight",
             {std::size_t(shape.out), std::size_t(shape.in), std::size_t(shape.kernel.h),
              std::size_t(shape.kernel.w)});
      if (tensors_.contains(unit.name + ".bn.weight")) expect(unit.name + ".bn.weight", channels);
      for (const char* leaf : {".bn.bias", ".bn.running_mean", ".bn.running_var"})
        expect(unit.name + leaf, channels);
    }
    expect("fc.weight", {std::size_t(inception_classes), std::size_t(inception_features)});
    expect("fc.bias", {std::size_t(inception_classes)});
    for (const auto& [name, tensor] : tensors_)
      if (!known_.contains(name)) refuse("has the tensor '" + printable(tensor.name) + "'");
  }

 private:
  [[noreturn]] void refuse(const std::string& difference) const {
    throw Error(path_ + ": not the weights of the FID Inception: " + difference + " (wanted is " +
                inception_file + " or a copy of it)");
  }

  /// torchvision has the same names, an auxiliary classifier, and 1000 classes.
  void refuse_torchvision() const {
    const auto classifier = tensors_.find("fc.weight");
    const bool thousand =
        classifier != tensors_.end() && classifier->second.shape == Extents{1000, 2048};
    if (tensors_.contains("Conv2d_1a_3x3.conv.weight") && thousand)
      throw Error(path_ +
                  ": these are torchvision's weights of Inception v3, another network, whose "
                  "distances are not FID; wanted is " +
                  inception_file);
  }

  void expect(const std::string& name, const Extents& shape) {
    const auto found = tensors_.find(name);
    if (found == tensors_.end()) refuse("lacks the tensor '" + name + "'");
    // TorchScript's vectors may have axes of one.
    const Extents& given = found->second.shape;
    const bool same = given == shape ||
                      (shape.size() == 1 && found->second.count() == shape[0] && given.size() > 1);
    if (!same)
      refuse("the tensor '" + printable(found->second.name) + "' is " + words(given) + ", not " +
             words(shape));
    known_.emplace(name, true);
  }

  static std::string words(const Extents& shape) {
    return shape.empty() ? "a single number" : describe(Shape(shape.begin(), shape.end()));
  }

  const Tensors& tensors_;
  const std::string& path_;
  std::map<std::string, bool> known_;
};

}  // namespace

InceptionWeights::InceptionWeights(const std::string& path)
    : path_(path), tensors_(by_name(open_weights(path), path)) {
  Check(tensors_, path).run();
}

namespace {

/// The tensors that are hashed, with their numbers of values.
std::vector<std::pair<std::string, std::size_t>> hashed_tensors() {
  std::vector<std::pair<std::string, std::size_t>> names;
  for (const InceptionUnit& unit : inception_units()) {
    names.emplace_back(unit.name + ".conv.weight", unit.shape.weights());
    for (const char* leaf : {".bn.weight", ".bn.bias", ".bn.running_mean", ".bn.running_var"})
      names.emplace_back(unit.name + leaf, std::size_t(unit.shape.out));
  }
  names.emplace_back("fc.weight", std::size_t(inception_classes * inception_features));
  names.emplace_back("fc.bias", std::size_t(inception_classes));
  return names;
}

bool is_published(const std::string& path) {
  const RandomAccessFile file(path);
  return file.size() == inception_bytes && diffusion::sha256_of(file) == inception_sha256;
}

}  // namespace

InceptionWeights::Identity InceptionWeights::identity() const {
  Identity found;
  const auto names = hashed_tensors();
  std::vector<std::string> hashes(names.size());
  const auto hash_tensor = [&](std::size_t i) {
    const auto tensor = tensors_.find(names[i].first);
    hashes[i] = sha256_of(tensor == tensors_.end() ? std::vector<float>(names[i].second, 1.0f)
                                                   : tensor->second.values());
  };
  // The file is as long as all tensors together, and begins first: its bytes must go in order.
  parallel_for(1 + names.size(), [&](std::size_t i) {
    if (i == 0)
      found.published = is_published(path_);
    else
      hash_tensor(i - 1);
  });
  Sha256 all;
  for (std::size_t i = 0; i < names.size(); ++i) all.add(names[i].first + " " + hashes[i] + "\n");
  found.sha256 = all.finish();
  return found;
}

std::vector<float> InceptionWeights::values_of(const std::string& name) const {
  std::vector<float> values = tensors_.at(name).values();
  // A ReLU would hide them: it makes zeros of what is not a number.
  if (!all_finite(values))
    throw Error(path_ + ": the tensor '" + name + "' holds values that are not finite");
  return values;
}

InceptionWeights::Folded InceptionWeights::folded(const InceptionUnit& unit) const {
  const auto values = [&](const char* leaf) { return values_of(unit.name + leaf); };
  Folded out{values(".conv.weight"), values(".bn.bias")};
  const std::vector<float> mean = values(".bn.running_mean"), variance = values(".bn.running_var");
  const bool scaled = tensors_.contains(unit.name + ".bn.weight");
  const std::vector<float> gamma = scaled ? values(".bn.weight") : std::vector<float>();
  const std::size_t each = out.weight.size() / out.bias.size();
  for (std::size_t c = 0; c < out.bias.size(); ++c) {
    const double scale =
        (scaled ? gamma[c] : 1.0) / std::sqrt(double(variance[c]) + inception_norm_eps);
    for (std::size_t i = c * each; i < (c + 1) * each; ++i)
      out.weight[i] = float(out.weight[i] * scale);
    out.bias[c] = float(out.bias[c] - mean[c] * scale);
  }
  return out;
}

std::string default_inception_path() {
  const auto variable = [](const char* name) {
    const char* value = std::getenv(name);
    return std::string(value ? value : "");
  };
  const std::string data = variable("XDG_DATA_HOME");
  const std::string base = data.starts_with('/') ? data : variable("HOME") + "/.local/share";
  return base + "/diffusion-tools/" + inception_file;
}

}  // namespace diffusion
