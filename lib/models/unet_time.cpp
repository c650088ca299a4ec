#include "lib/models/unet_time.hpp"

namespace diffusion {
namespace {

using nn::Graph, nn::TimeForm, nn::Value;
namespace layers = nn::layers;

constexpr const char* projection = "time_proj";

/// The time in a form that is not sinusoids.
Value time_as(Graph& graph, TimeForm form, std::int64_t channels, std::int64_t rows = 0) {
  nn::SinusoidShape shape{.channels = channels};
  shape.form = form;
  shape.rows = rows;
  return graph.add(layers::Sinusoids{shape});
}

layers::ClassVector learned_vectors(const UNetConfig& config) {
  return {projection, config.learned_times, config.block_out_channels[0]};
}

Value time_features(Graph& graph, const UNetConfig& config) {
  switch (config.time) {
    case TimeEmbedding::positional:
      return graph.add(layers::Sinusoids{config.sinusoids});
    case TimeEmbedding::fourier:
      return graph.add(layers::FourierFeatures{projection, config.block_out_channels[0]},
                       {time_as(graph, TimeForm::logarithm, 1)});
    case TimeEmbedding::learned:
      return graph.add(learned_vectors(config),
                       {time_as(graph, TimeForm::row, 1, config.learned_times)});
  }
  __builtin_unreachable();
}

Value label_embedding(Graph& graph, const UNetConfig& config) {
  const std::string name = "class_embedding";
  const std::int64_t classes = *config.num_class_embeds;
  if (config.label == LabelEmbedding::vector)
    return graph.add(layers::ClassVector{name, classes, config.time_embedding_dim});
  const nn::Layer features = config.time == TimeEmbedding::learned
                                 ? nn::Layer(learned_vectors(config))
                                 : layers::LabelSinusoids{classes, config.sinusoids};
  return UNetEmbedding(name, config).add_to(graph, graph.add(features));
}

}  // namespace

UNetEmbedding::UNetEmbedding(const std::string& name, const UNetConfig& config)
    : first{name + ".linear_1",
            config.block_out_channels[0] * (config.time == TimeEmbedding::fourier ? 2 : 1),
            config.time_embedding_dim},
      second{name + ".linear_2", config.time_embedding_dim, config.time_embedding_dim} {}

Value UNetEmbedding::add_to(Graph& graph, Value features) const {
  return graph.add(second, {graph.add(layers::Activate{}, {graph.add(first, {features})})});
}

Value unet_condition(Graph& graph, const UNetConfig& config, const UNetEmbedding& time) {
  Value all = time.add_to(graph, time_features(graph, config));
  if (config.num_class_embeds)
    all = graph.add(layers::Sum{}, {all, label_embedding(graph, config)});
  return graph.add(layers::Activate{config.activation}, {all});
}

Value divided_by_time(Graph& graph, const UNetConfig& config, Value x) {
  if (config.time != TimeEmbedding::fourier) return x;
  const Value inverse = time_as(graph, TimeForm::inverse, graph.channels(x));
  return graph.add(layers::GatedSum{}, {graph.add(layers::Affine{0, 0}, {x}), x, inverse});
}

}  // namespace diffusion
