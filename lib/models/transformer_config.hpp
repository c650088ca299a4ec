// The configuration of a diffusion transformer, checked.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lib/base/json.hpp"
#include "lib/models/transformer_parts.hpp"

namespace diffusion {

/// Kinds of transformers, with the names of their authors' classes.
enum class TransformerKind { dit, jit };
const char* class_name(TransformerKind kind);

/// Keys and fallbacks are those of the DiT's constructor, but for out_channels, which says in place
/// of learn_sigma whether there is a variance, dropout and what follows it.
struct TransformerConfig {
  PatchGrid grid;
  std::int64_t in_channels = 3, out_channels = 3;
  std::int64_t hidden_size = 1152, depth = 28, num_heads = 16;
  double mlp_ratio = 4;
  double dropout = 0;                       // in training, of what attention adds and inside MLPs
  std::optional<std::int64_t> num_classes;  // "no label" not counted; nothing: no classes
  std::optional<std::int64_t> bottleneck_dim;  // JiT's, between patches and tokens; nothing: none
  /// JiT's vectors of the class before the tokens, from such a block on; where there are classes.
  std::int64_t in_context_len = 0, in_context_start = 0;
  double time_scale = 1, time_offset = 0;  // it is told offset + scale t: 1 - tau, for instance

  std::int64_t context() const { return num_classes ? in_context_len : 0; }
  bool starts_context(std::int64_t block) const {
    return context() > 0 && block == in_context_start;
  }
  /// Of the tokens that a block is given.
  std::int64_t context_in(std::int64_t block) const {
    return block >= in_context_start ? context() : 0;
  }
  std::int64_t head_size() const { return hidden_size / num_heads; }
  std::int64_t mlp_size() const { return std::int64_t(double(hidden_size) * mlp_ratio); }
};

/// Missing keys take the fallbacks above; keys that begin with "_" are ignored. Unknown keys, and
/// values that do not go together, are an Error that names them.
TransformerConfig parse_transformer_config(const Json& config, TransformerKind kind);

/// The keys that there are.
std::vector<std::string> transformer_keys(TransformerKind kind);

/// Completes sizes, channels and classes from the images. Throws Error where the images do not
/// fit the network.
Json fit_transformer(Json config, const NetworkTask& task, TransformerKind kind);

/// Throws Error for what no images would fit.
void check_transformer(const Json& config, TransformerKind kind);

}  // namespace diffusion
