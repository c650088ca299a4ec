#include "tools/noise/manifest.hpp"

namespace diffusion {

void Manifest::locate(Json& json, const std::string& key, const Destination& at,
                      const std::vector<std::string>& names, std::size_t version) const {
  if (at.kind == StoreKind::none) return;
  const std::string name = at.has_names() ? names[version] : "";
  json[key] = at.file(name);
  if (at.kind == StoreKind::tar) json[key + "_member"] = name;
  if (at.in_rows()) json[key + "_row"] = lines_;
}

Json Manifest::line(const NoiseJob& job, std::size_t version) const {
  const LevelAsked& asked = job.levels[version];
  const NoiseLevel& at = asked.level;
  Json json;
  json["input"] = job.entry.name;
  locate(json, "output", facts_.images, job.names, version);
  locate(json, "eps", facts_.eps, job.eps_names, version);
  json["t"] = asked.t ? Json(*asked.t) : Json(nullptr);
  json["timestep"] = at.clean() ? Json(nullptr) : number_to_json(at.timestep);
  if (facts_.path == Path::variance_preserving) json["alpha_bar"] = at.alpha * at.alpha;
  json["alpha"] = at.alpha;
  json["sigma"] = at.sigma;
  json["snr"] = number_to_json(at.snr());
  json["seed"] = facts_.seed;
  if (const auto label = job.entry.label) {
    json["label"] = *label;
    if (std::size_t(*label) < facts_.label_names.size())
      json["label_name"] = facts_.label_names[std::size_t(*label)];
  }
  return json;
}

void Manifest::add(const NoiseJob& job) {
  for (std::size_t i = 0; i < job.levels.size(); ++i) {
    file_.write(one_line(line(job, i)) + "\n");
    ++lines_;
  }
}

}  // namespace diffusion
