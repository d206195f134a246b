import BenchmarkReport
import Testing

@Suite("Sample")
struct SampleTests {
    @Test("the median is the middle value, or the mean of the two middle ones")
    func median() {
        #expect(Sample([3, 1, 2]).median == 2)
        #expect(Sample([4, 1, 2, 3]).median == 2.5)
        #expect(Sample([7]).median == 7)
    }

    @Test("percentiles lie between neighbours, and shares beyond the ends give the ends")
    func percentiles() {
        let sample = Sample([10, 0, 20, 30])
        #expect(sample.percentile(0) == 0 && sample.percentile(-5) == 0)
        #expect(sample.percentile(100) == 30 && sample.percentile(150) == 30)
        #expect(sample.percentile(25) == 7.5)
        #expect(sample.minimum == 0 && sample.maximum == 30)
    }
}
