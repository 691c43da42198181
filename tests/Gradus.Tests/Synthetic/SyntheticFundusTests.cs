using Gradus.Synthetic;

namespace Gradus.Tests.Synthetic;

public sealed class SyntheticFundusTests
{
    private static readonly FundusCamera[] Cameras = [.. FundusCamera.Current, FundusCamera.Elder, FundusCamera.Fern];

    [Fact]
    public void Only_grade_four_has_new_vessels_and_grade_one_little_but_microaneurysms()
    {
        for (int i = 0; i < 6; i++)
        {
            for (int grade = 0; grade < SyntheticFundus.Grades; grade++)
            {
                FundusPicture picture = Draw(grade, FundusCamera.Dogwood, i);
                int dots = Count(picture, LesionKind.Microaneurysm), blots = Count(picture, LesionKind.Haemorrhage);
                Assert.Equal(grade == 4, Count(picture, LesionKind.Neovascularisation) > 0);
                Assert.Equal(grade > 0, dots > 1);
                Assert.Equal(grade > 1, blots > 1);
                if (grade < 2)
                    Assert.Equal(0, Count(picture, LesionKind.HardExudate) + Count(picture, LesionKind.CottonWoolSpot));
            }
        }
    }

    [Fact]
    public void The_mask_marks_the_pixels_of_every_lesion_and_nothing_outside_the_field()
    {
        foreach (FundusCamera camera in Cameras)
        {
            FundusPicture picture = Draw(4, camera, 1);
            Assert.Equal(camera.Width * camera.Height, picture.Mask.Length);
            Assert.All(picture.Mask, value => Assert.True(Enum.IsDefined((LesionKind)value)));
            foreach (Lesion lesion in picture.Lesions.Where(l => l.Kind != LesionKind.Neovascularisation))
                Assert.NotEqual(0, picture.Mask[(int)lesion.Y * camera.Width + (int)lesion.X]);
            for (int i = 0; i < picture.Mask.Length; i++)
            {
                double x = i % camera.Width - camera.Width / 2.0, y = i / camera.Width - camera.Height / 2.0;
                if (x * x + y * y > Math.Pow(camera.Radius * 1.04, 2))
                    Assert.Equal(0, picture.Mask[i]);
            }
        }
    }

    [Fact]
    public void Dark_lesions_are_darker_and_exudates_brighter_than_the_healthy_retina()
    {
        foreach (FundusCamera camera in Cameras)
        {
            FundusPicture picture = Draw(3, camera, 2);
            double healthy = Green(picture, camera, LesionKind.None);
            Assert.True(Green(picture, camera, LesionKind.Haemorrhage) < healthy * 0.7, camera.Name);
            Assert.True(Green(picture, camera, LesionKind.HardExudate) > healthy * 1.3, camera.Name);
        }
    }

    [Fact]
    public void A_whole_disc_keeps_its_black_border_and_a_truncated_one_reaches_the_edge()
    {
        foreach (FundusCamera camera in Cameras)
        {
            FundusPicture picture = Draw(0, camera, 3);
            int middleOfTop = (2 * camera.Width + camera.Width / 2) * 3;
            Assert.Equal(camera.Radius > camera.Height / 2f, picture.Image.Pixels[middleOfTop] > 30);
            Assert.True(picture.Image.Pixels.AsSpan(0, 3).IndexOfAnyInRange((byte)11, byte.MaxValue) < 0, "the corner is black");
        }
    }

    [Fact]
    public void A_grade_outside_the_scale_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Draw(5, FundusCamera.Aster, 0));

    private static FundusPicture Draw(int grade, FundusCamera camera, int i) => SyntheticFundus.Draw(grade, camera, RandomStream.Create(11, "test", grade, i));

    private static int Count(FundusPicture picture, LesionKind kind) => picture.Lesions.Count(lesion => lesion.Kind == kind);

    // Mean green level over the pixels of one kind, within the middle of the field.
    private static double Green(FundusPicture picture, FundusCamera camera, LesionKind kind)
    {
        double sum = 0;
        int n = 0;
        for (int i = 0; i < picture.Mask.Length; i++)
        {
            double x = i % camera.Width - camera.Width / 2.0, y = i / camera.Width - camera.Height / 2.0;
            if (picture.Mask[i] == (byte)kind && x * x + y * y < camera.Radius * camera.Radius * 0.81)
                (sum, n) = (sum + picture.Image.Pixels[3 * i + 1], n + 1);
        }
        return sum / n;
    }
}
