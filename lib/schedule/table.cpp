#include "lib/schedule/table.hpp"

#include <algorithm>
#include <cmath>

#include "lib/base/error.hpp"
#include "lib/base/text.hpp"
#include "lib/schedule/transition.hpp"

namespace diffusion {
namespace {

const NoiseLevel& level(const Schedule& s, int t) { return s.levels[std::size_t(t - 1)]; }
double beta(const Schedule& s, int t) { return s.betas[std::size_t(t - 1)]; }
double squared(double x) { return x * x; }
PosteriorStep posterior(const Schedule& s, int t) {
  return posterior_step(level(s, t), s.at(t - 1));
}

constexpr TableColumn rows[] = {
    {"t", "step, 1..T", [](const Schedule&, int t) { return double(t); }, false},
    {"beta", "variance added by the step", [](const Schedule& s, int t) { return beta(s, t); },
     true},
    {"one_minus_beta", "1 - beta", [](const Schedule& s, int t) { return 1 - beta(s, t); }, true},
    {"alpha_bar", "product of 1 - beta up to t; alpha^2",
     [](const Schedule& s, int t) { return squared(level(s, t).alpha); }, true},
    {"alpha_bar_prev", "alpha_bar of step t - 1; 1 before the first",
     [](const Schedule& s, int t) { return squared(s.at(t - 1).alpha); }, true},
    {"alpha", "marginal signal scale", [](const Schedule& s, int t) { return level(s, t).alpha; },
     false},
    {"sigma", "marginal noise scale", [](const Schedule& s, int t) { return level(s, t).sigma; },
     false},
    {"snr", "alpha^2/sigma^2",
     [](const Schedule& s, int t) {
       return squared(level(s, t).alpha) / squared(level(s, t).sigma);
     },
     false},
    {"log_snr", "natural logarithm of snr",
     [](const Schedule& s, int t) { return 2 * level(s, t).lambda; }, false},
    {"ve_sigma", "sigma/alpha, the sigma of Karras and k-diffusion",
     [](const Schedule& s, int t) { return level(s, t).ve_sigma(); }, false},
    {"posterior_variance", "variance of q(x_{t-1} | x_t, x_0)",
     [](const Schedule& s, int t) { return posterior(s, t).variance; }, false},
    {"posterior_log_variance_clipped", "its logarithm; at t = 1, where it is -inf, that of t = 2",
     [](const Schedule& s, int t) {
       return std::log(posterior(s, t == 1 && s.steps() > 1 ? 2 : t).variance);
     },
     false},
    {"posterior_mean_coef_x0", "weight of x_0 in the posterior mean",
     [](const Schedule& s, int t) { return posterior(s, t).coef_x0; }, false},
    {"posterior_mean_coef_xt", "weight of x_t in the posterior mean",
     [](const Schedule& s, int t) { return posterior(s, t).coef_xt; }, false},
    {"timestep", "what a network is handed",
     [](const Schedule& s, int t) { return level(s, t).timestep; }, false},
};

bool shown_on(const TableColumn& column, const Schedule& schedule) {
  return !column.beta_only || schedule.path == Path::variance_preserving;
}

std::string separated(const Schedule& schedule, std::span<const int> steps,
                      std::span<const TableColumn> columns, char separator) {
  std::string text;
  for (const auto& column : columns)
    (text += text.empty() ? "" : std::string(1, separator)) += column.name;
  for (const int t : steps)
    for (std::size_t c = 0; c < columns.size(); ++c)
      (text += c == 0 ? '\n' : separator) += shortest(columns[c].value(schedule, t));
  return text + '\n';
}

std::string aligned(const Schedule& schedule, std::span<const int> steps,
                    std::span<const TableColumn> columns) {
  std::vector<std::vector<std::string>> cells(1);
  for (const auto& column : columns) cells[0].emplace_back(column.name);
  for (const int t : steps) {
    auto& row = cells.emplace_back();
    for (const auto& column : columns) row.push_back(significant(column.value(schedule, t), 6));
  }
  std::string text;
  std::vector<std::size_t> width(columns.size());
  for (const auto& row : cells)
    for (std::size_t c = 0; c < row.size(); ++c) width[c] = std::max(width[c], row[c].size());
  for (const auto& row : cells) {
    for (std::size_t c = 0; c < row.size(); ++c)
      text += (c == 0 ? "" : "  ") + std::string(width[c] - row[c].size(), ' ') + row[c];
    text += '\n';
  }
  return text;
}

std::string as_json(const Schedule& schedule, std::span<const int> steps,
                    std::span<const TableColumn> columns) {
  Json list = Json::array();
  for (const int t : steps) {
    Json row = Json::object();
    for (const auto& column : columns) {
      const double value = column.value(schedule, t);
      const bool whole = value == std::floor(value) && std::abs(value) < 1e15;
      row[std::string(column.name)] = whole ? Json(std::int64_t(value)) : number_to_json(value);
    }
    list.push_back(std::move(row));
  }
  return to_text(list);
}

}  // namespace

std::span<const TableColumn> table_columns() { return rows; }

std::vector<TableColumn> choose_columns(const Schedule& schedule,
                                        const std::vector<std::string>& names) {
  std::vector<TableColumn> chosen;
  for (const auto& name : names) {
    const auto found = std::ranges::find(rows, name, &TableColumn::name);
    if (found == std::end(rows)) {
      std::vector<std::string> have;
      for (const auto& row : rows) have.emplace_back(row.name);
      throw Error("no column '" + name + "' (have: " + join(have, ", ") + ")");
    }
    if (!shown_on(*found, schedule))
      throw Error("column '" + name + "' is defined for variance-preserving schedules only, and " +
                  schedule.family + " is not one");
    chosen.push_back(*found);
  }
  return chosen;
}

std::vector<TableColumn> default_columns(const Schedule& schedule) {
  std::vector<std::string> names{"t", "beta", "alpha_bar", "alpha", "sigma", "log_snr", "timestep"};
  if (schedule.path != Path::variance_preserving)
    names = {"t", "alpha", "sigma", "log_snr", "ve_sigma", "timestep"};
  return choose_columns(schedule, names);
}

std::string format_table(const Schedule& schedule, std::span<const int> steps,
                         std::span<const TableColumn> columns, TableFormat format) {
  switch (format) {
    case TableFormat::table:
      return aligned(schedule, steps, columns);
    case TableFormat::csv:
      return separated(schedule, steps, columns, ',');
    case TableFormat::tsv:
      return separated(schedule, steps, columns, '\t');
    case TableFormat::json:
      return as_json(schedule, steps, columns);
  }
  __builtin_unreachable();
}

}  // namespace diffusion
