#include "lib/models/folder_weights.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <set>

#include "lib/base/error.hpp"
#include "lib/base/json_at.hpp"
#include "lib/base/text.hpp"

namespace diffusion {
namespace {

namespace fs = std::filesystem;

const std::string stem = "diffusion_pytorch_model";

/// What a variant's files may be called, the better first; with dots around it, or one dot.
std::array<std::string, 4> names_of(const std::string& variant) {
  const std::string dotted = variant.empty() ? "." : "." + variant + ".";
  return {stem + dotted + "safetensors", stem + ".safetensors.index" + dotted + "json",
          stem + dotted + "bin", stem + ".bin.index" + dotted + "json"};
}

std::string file_of(const std::string& folder, const std::string& variant) {
  std::error_code none;
  for (const std::string& name : names_of(variant))
    if (const std::string path = folder + "/" + name; fs::is_regular_file(path, none)) return path;
  return "";
}

/// "fp16" of a name between two parts of it.
std::string between(const std::string& name, const std::string& front, const std::string& back) {
  if (name.size() <= front.size() + back.size()) return "";
  if (!name.starts_with(front) || !name.ends_with(back)) return "";
  return name.substr(front.size(), name.size() - front.size() - back.size());
}

/// "fp16-00001-of-00002", which is a part of fp16.
bool is_shard(const std::string& variant) { return variant.find("-of-") != variant.npos; }

/// Those that a folder has, in order.
std::vector<std::string> variants_in(const std::string& folder) {
  std::set<std::string> found;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(folder, none)) {
    const std::string name = entry.path().filename().string();
    for (const std::string kind : {"safetensors", "bin"})
      for (const std::string& variant : {between(name, stem + ".", "." + kind),
                                         between(name, stem + "." + kind + ".index.", ".json")})
        if (!variant.empty() && !is_shard(variant) &&
            file_of(folder, variant) == folder + "/" + name)
          found.insert(variant);
  }
  return {found.begin(), found.end()};
}

/// Which file has which weight.
std::map<std::string, std::string> shards_of(const std::string& index) {
  const Json json = read_json(index);
  const JsonAt map = JsonAt(json, index)["weight_map"];
  std::map<std::string, std::string> shards;
  for (const auto& [name, file] : map.object().items()) {
    const JsonAt at = map[name];
    const std::string shard = at.text();
    if (shard.empty() || fs::path(shard).filename() != shard || shard == "." || shard == "..")
      at.refuse("the name of a file beside it");
    shards[name] = shard;
  }
  if (shards.empty()) map.refuse("the file of each weight");
  return shards;
}

std::vector<WeightTensor> open_shards(const std::string& index) {
  std::map<std::string, std::string> left = shards_of(index);
  std::set<std::string> files;
  for (const auto& [name, file] : left) files.insert(file);
  std::vector<WeightTensor> all;
  for (const std::string& file : files) {
    const std::string path = (fs::path(index).parent_path() / file).string();
    for (WeightTensor& tensor : open_weights(path)) {
      const auto said = left.find(tensor.name);
      if (said == left.end() || said->second != file)
        throw Error(path + ": has the array '" + printable(tensor.name) + "', which " + index +
                    " does not look for there");
      left.erase(said);
      all.push_back(std::move(tensor));
    }
  }
  if (!left.empty())
    throw Error(index + ": says that '" + printable(left.begin()->first) + "' is in " +
                left.begin()->second + ", which has it not");
  return all;
}

}  // namespace

std::string find_folder_weights(const std::string& folder, const std::string& variant) {
  if (const std::string path = file_of(folder, variant); !path.empty()) return path;
  const std::vector<std::string> variants = variants_in(folder);
  if (variant.empty() && variants.size() == 1) return file_of(folder, variants.front());
  if (variant.empty() && !variants.empty())
    throw Error(folder + ": has the weights " + join(variants, ", ") + "; say which by `weights`");
  const bool any = !variants.empty() || !file_of(folder, "").empty();
  if (!any)
    throw Error(folder + ": has neither " + stem + ".safetensors nor " + stem +
                ".bin, nor an index of several");
  throw Error(folder + ": has no weights '" + variant + "'" +
              (variants.empty() ? ", but one set only" : " (have: " + join(variants, ", ") + ")"));
}

std::vector<WeightTensor> open_folder_weights(const std::string& path) {
  return path.ends_with(".json") ? open_shards(path) : open_weights(path);
}

}  // namespace diffusion
