import Foundation

/// A run at a glance, as SVG: loss, hybrid share, learning rate, tokens a second and memory over the
/// steps, each with its axes.
struct TrainingPlot {
    let title: String
    let entries: [TrainingLogEntry]

    private static let width = 760.0
    private static let panelHeight = 150.0
    private static let top = 62.0

    var svg: String {
        let panels = self.panels
        let height = Self.top + Double(panels.count) * Self.panelHeight + 34
        var text = """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(Int(Self.width)) \(Int(height))" \
            width="\(Int(Self.width))" height="\(Int(height))" font-family="sans-serif" \
            font-size="11" fill="#333">
            <rect width="100%" height="100%" fill="#fff"/>
            <text x="72" y="24" font-size="15" font-weight="bold">\(Self.escaped(title))</text>

            """
        for (number, panel) in panels.enumerated() {
            text += panel.svg(
                x: 72, y: Self.top + Double(number) * Self.panelHeight, width: Self.width - 96,
                height: Self.panelHeight - 38, steps: steps, isLast: number == panels.count - 1)
        }
        return text + "</svg>\n"
    }

    private var steps: ClosedRange<Double> {
        0...Double(max(1, entries.last?.step ?? 1))
    }

    private var panels: [PlotPanel] {
        func points(_ value: (TrainingLogEntry) -> Double) -> [PlotPanel.Point] {
            entries.map { PlotPanel.Point(step: Double($0.step), value: value($0)) }
        }
        let loss = points(\.loss)
        let gigabyte = 1_073_741_824.0
        let validation = entries.compactMap { entry in
            entry.validation.map { PlotPanel.Point(step: Double(entry.step), value: $0.loss) }
        }
        var memory = [
            PlotPanel.Series(
                name: "resident", color: "#2b6cb0",
                points: points { Double($0.residentBytes) / gigabyte })
        ]
        if entries.contains(where: { $0.deviceBytes != nil }) {
            memory.append(
                PlotPanel.Series(
                    name: "device", color: "#c05621",
                    points: points { Double($0.deviceBytes ?? 0) / gigabyte }))
        }
        var losses = [
            PlotPanel.Series(name: "each step", color: "#b9cfe6", points: loss),
            PlotPanel.Series(name: "smoothed", color: "#2b6cb0", points: Self.smoothed(loss)),
        ]
        if !validation.isEmpty {
            losses.append(
                PlotPanel.Series(
                    name: "validation, over candidates", color: "#c05621",
                    points: validation, hasMarks: true))
        }
        return [
            PlotPanel(title: "loss, nats", series: losses),
            PlotPanel(
                title: "hybrid share of batches",
                series: [
                    PlotPanel.Series(
                        name: "p(step)", color: "#a0aec0", points: points(\.hybridProbability)),
                    PlotPanel.Series(
                        name: "drawn, smoothed", color: "#2b6cb0",
                        points: Self.smoothed(points(\.hybrid))),
                ], range: 0...1),
            PlotPanel(
                title: "learning rate",
                series: [
                    PlotPanel.Series(
                        name: "adapter", color: "#2b6cb0", points: points(\.learningRate))
                ]),
            PlotPanel(
                title: "tokens per second",
                series: [
                    PlotPanel.Series(
                        name: "each step", color: "#2b6cb0", points: points(\.tokensPerSecond))
                ]),
            PlotPanel(title: "memory, GiB", series: memory),
        ]
    }

    /// A moving mean over a thirtieth of the run on either side.
    static func smoothed(_ points: [PlotPanel.Point]) -> [PlotPanel.Point] {
        let reach = max(1, points.count / 30)
        return points.indices.map { index in
            let near = points[max(0, index - reach)...min(points.count - 1, index + reach)]
            return PlotPanel.Point(
                step: points[index].step,
                value: near.reduce(0) { $0 + $1.value } / Double(near.count))
        }
    }

    static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;")
            .replacing(">", with: "&gt;")
    }
}

/// One diagram of a plot.
struct PlotPanel {
    struct Point {
        let step: Double
        let value: Double
    }

    struct Series {
        let name: String
        let color: String
        let points: [Point]
        /// Few points, each worth seeing.
        var hasMarks = false
    }

    let title: String
    let series: [Series]
    /// Bounds of the values; from 0 to a round number above them by default.
    var range: ClosedRange<Double>?

    /// Points that a line has at most: as many as the eye tells apart.
    private static let maximumPoints = 1_200

    func svg(
        x: Double, y: Double, width: Double, height: Double, steps: ClosedRange<Double>,
        isLast: Bool
    ) -> String {
        let top = series.flatMap(\.points).map(\.value).filter(\.isFinite).max() ?? 1
        let marks = Self.ticks(range?.upperBound ?? max(top, 1e-12))
        let upper = range?.upperBound ?? marks.last ?? 1
        let scaleX = { (step: Double) in
            x + (step - steps.lowerBound) / (steps.upperBound - steps.lowerBound) * width
        }
        let scaleY = { (value: Double) in y + height - min(1, max(0, value / upper)) * height }
        var text = "<text x=\"\(Self.number(x))\" y=\"\(Self.number(y - 7))\" "
        text += "font-weight=\"bold\">\(TrainingPlot.escaped(title))</text>\n"
        text += legend(right: x + width, y: y - 7)
        for mark in marks {
            let place = Self.number(scaleY(mark))
            text += "<path d=\"M\(Self.number(x)) \(place)H\(Self.number(x + width))\" "
            text += "stroke=\"#e2e8f0\"/>"
            text += "<text x=\"\(Self.number(x - 6))\" y=\"\(Self.number(scaleY(mark) + 4))\" "
            text += "text-anchor=\"end\">\(Self.label(mark))</text>\n"
        }
        for mark in Self.ticks(steps.upperBound) {
            let place = Self.number(scaleX(mark))
            text += "<path d=\"M\(place) \(Self.number(y + height))v4\" stroke=\"#718096\"/>"
            text += "<text x=\"\(place)\" y=\"\(Self.number(y + height + 15))\" "
            text += "text-anchor=\"middle\">\(Self.label(mark))</text>\n"
        }
        text += "<path d=\"M\(Self.number(x)) \(Self.number(y))V\(Self.number(y + height))"
        text += "H\(Self.number(x + width))\" fill=\"none\" stroke=\"#718096\"/>\n"
        if isLast {
            text += "<text x=\"\(Self.number(x + width / 2))\" "
            text += "y=\"\(Self.number(y + height + 32))\" text-anchor=\"middle\">step</text>\n"
        }
        return series.reduce(text) { $0 + Self.line($1, scaleX, scaleY) }
    }

    private func legend(right: Double, y: Double) -> String {
        // Names from the right, each after a dash of its colour.
        var text = ""
        var end = right
        for line in series.reversed() {
            text += "<text x=\"\(Self.number(end))\" y=\"\(Self.number(y))\" "
            text += "text-anchor=\"end\" fill=\"#555\">\(TrainingPlot.escaped(line.name))</text>"
            end -= Double(line.name.count) * 6.0 + 12
            text += "<path d=\"M\(Self.number(end)) \(Self.number(y - 4))h-16\" "
            text += "stroke=\"\(line.color)\" stroke-width=\"2.5\"/>\n"
            end -= 32
        }
        return text
    }

    private static func line(
        _ series: Series, _ scaleX: (Double) -> Double, _ scaleY: (Double) -> Double
    ) -> String {
        let stride = max(1, series.points.count / maximumPoints)
        let shown = series.points.enumerated().filter {
            ($0.offset % stride == 0 || $0.offset == series.points.count - 1)
                && $0.element.value.isFinite
        }.map(\.element)
        let path = shown.map { "\(number(scaleX($0.step))) \(number(scaleY($0.value)))" }
            .joined(separator: "L")
        guard !path.isEmpty else { return "" }
        var text = "<path d=\"M\(path)\" fill=\"none\" stroke=\"\(series.color)\" "
        text += "stroke-width=\"1.5\" stroke-linejoin=\"round\"/>\n"
        guard series.hasMarks || shown.count == 1 else { return text }
        for point in shown {
            text += "<circle cx=\"\(number(scaleX(point.step)))\" "
            text += "cy=\"\(number(scaleY(point.value)))\" r=\"3\" fill=\"\(series.color)\"/>\n"
        }
        return text
    }

    /// Round numbers from 0 to the first that is not below `top`, three to six of them.
    static func ticks(_ top: Double) -> [Double] {
        let power = pow(10, (log10(top)).rounded(.down) - 1)
        let step =
            [1, 2, 2.5, 5, 10, 20, 25, 50].map { $0 * power }.first { $0 * 5 >= top * 0.999 }
            ?? top
        return (0...Int((top / step * 0.999).rounded(.up))).map { Double($0) * step }
    }

    static func label(_ value: Double) -> String {
        if value == 0 { return "0" }
        if value >= 10_000 || value < 0.001 {
            return String(format: "%g", value)
        }
        return String(format: "%.4g", value)
    }

    private static func number(_ value: Double) -> String { String(format: "%.1f", value) }
}
